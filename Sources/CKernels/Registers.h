// What keeps the compiler from spilling sums for factors.
#ifndef REGISTERS_H
#define REGISTERS_H

// A value that has to be in a register here, for the first or for the last time; nothing is loaded
// earlier that comes after the last time.
#if defined(__x86_64__)
#define IN_REGISTER(value) __asm__ volatile("" : "+v"(value))
#define STILL_IN_REGISTER(value) __asm__ volatile("" : : "v"(value) : "memory")
#else
#define IN_REGISTER(value) __asm__ volatile("" : "+w"(value))
#define STILL_IN_REGISTER(value) __asm__ volatile("" : : "w"(value) : "memory")
#endif

#endif
