#define _GNU_SOURCE
#include "CFileSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

ssize_t surgeon_copy_range(int source, int64_t offset, int destination, int64_t target,
                           size_t count) {
#if defined(__linux__)
  off64_t position = offset, end = target;
  return copy_file_range(source, &position, destination, &end, count, 0);
#else
  errno = ENOSYS;
  return -1;
#endif
}

int surgeon_read_range(int file, int64_t offset, void *buffer, size_t count) {
  size_t done = 0;
  while (done < count) {
    ssize_t received = pread(file, (char *)buffer + done, count - done, offset + (off_t)done);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0) return errno;
    if (received == 0) return ENODATA;
    done += (size_t)received;
  }
  return 0;
}

int surgeon_reserve(int file, int64_t count) {
#if defined(__linux__)
  return fallocate(file, 0, 0, count);
#else
  errno = ENOTSUP;
  return -1;
#endif
}

int surgeon_open_unnamed(const char *directory, mode_t mode) {
#if defined(O_TMPFILE)
  return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
#else
  errno = ENOTSUP;
  return -1;
#endif
}

int surgeon_name_file(int file, const char *path) {
#if defined(O_TMPFILE)
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
#else
  errno = ENOTSUP;
  return -1;
#endif
}
