#pragma once

#include <stdint.h>
#include <sys/types.h>

/// Copies up to `count` bytes from `offset` of `source` to `target` of `destination`, inside the
/// kernel. Returns the number copied, or -1 with errno; ENOSYS where the system has no such call.
/// (copy_file_range is missing from Swift's Glibc module.)
ssize_t surgeon_copy_range(int source, int64_t offset, int destination, int64_t target,
                           size_t count);

/// Fills `buffer` with the `count` bytes from `offset` of a file. Returns 0, an error number, or
/// ENODATA where the file ends before.
int surgeon_read_range(int file, int64_t offset, void *buffer, size_t count);

/// Sets space aside for `count` bytes and makes them the file's size, where the file system can do
/// that at once. Returns -1 with errno. (posix_fallocate would write zeros where it cannot.)
int surgeon_reserve(int file, int64_t count);

/// Opens a new file in `directory` that has no name yet, so that nothing is left of it when the
/// process is killed. Returns -1 with errno where the file system cannot do that. (O_TMPFILE is a
/// macro that Swift does not import.)
int surgeon_open_unnamed(const char *directory, mode_t mode);

/// Gives a file of `surgeon_open_unnamed` its name, which must be free. Returns -1 with errno.
int surgeon_name_file(int file, const char *path);
