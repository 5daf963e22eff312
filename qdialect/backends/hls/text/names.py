"""Identifiers: legal in C++, apart from those of all headers, unique where they are visible."""

from __future__ import annotations

import re
from dataclasses import dataclass

RESERVED = frozenset(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class
    co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype
    default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline
    int long main mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public
    register reinterpret_cast requires return short signed sizeof static static_assert static_cast std struct
    switch template this thread_local throw true try typedef typeid typename union unsigned using virtual void
    volatile wchar_t while xor xor_eq

    BIAS BIG_ENDIAN BUFSIZ BYTE_ORDER CTOR DOMAIN DOUBLE_BIAS DOUBLE_EXP DOUBLE_MAN EDOM EOF ERANGE FLOAT_BIAS
    FLOAT_EXP FLOAT_MAN HALF_BIAS HALF_EXP HALF_MAN HUGE HUGE_VAL I INFINITY INLINE LITTLE_ENDIAN MAXFLOAT
    MAX_MODE NAN NULL OVERFLOW PI PLOSS SING TLOSS UNDERFLOW
    alloca assert assert_perror be16toh be32toh be64toh errno htobe16 htobe32 htobe64 htole16 htole32 htole64
    issubnormal le16toh le32toh le64toh linux math_errhandling offsetof pthread_cleanup_pop
    pthread_cleanup_pop_restore_np pthread_cleanup_push pthread_cleanup_push_defer_np sched_priority st_atime st_ctime
    st_mtime stderr stdin stdout strdupa strndupa unix

    AESL_std af_bit_ref af_range_ref apx daylight environ fd_mask fd_set getdate_err hls optarg opterr optind optopt
    program_invocation_name program_invocation_short_name retval signgam ssdm_int_sim timezone tzname u_char u_int
    u_long u_short uint ulong ushort va_list valtype

    iseqsig issignaling iszero

    calloc free half malloc realloc

    sum_int sum_uint
    """.split()
)
"""Keywords of C++ up to C++20; macros; types, namespaces and variables at file scope (functions are overloaded);
templates of functions, which take any arguments; what synthesis refuses by its name; types of the text."""

TAKEN = re.compile(r"(ap|AP|SC|hls|HLS|QDIALECT)_|[LMP]_|[A-Z0-9_]*[A-Z][A-Z0-9_]*[A-Z][A-Z0-9_]*$|.*_t$")
"""What C, POSIX and the vendor keep for themselves: prefixes, macros (names without a lower-case letter), types."""

FILES = frozenset(
    """
    aio alloca assert byteswap complex cpio ctype dirent dlfcn endian err errno error execinfo fcntl features fenv
    float fmtmsg fnmatch ftw getopt glob grp iconv inttypes iso646 langinfo libgen limits link locale malloc math memory
    monetary mqueue ndbm netdb nl_types obstack paths poll pthread pwd regex resolv sched search semaphore setjmp
    sgtty shadow signal spawn stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings
    stropts syscall syslog tar termio termios tgmath threads time trace ttyent uchar ucontext ulimit unistd utime utmp
    utmpx values wait wchar wctype wordexp

    all clean help install package preinstall test
    """.split()
)
"""Headers of C and POSIX, which a header of the same name would hide, and targets that CMake has already."""

LONGEST = 100
"""Characters: files called after an identifier stay within the 255 that file systems take, lines readable."""


def legal(hint: str) -> str:
    """An identifier close to `hint`."""
    stem = re.sub(r"[^A-Za-z0-9]+", "_", hint).strip("_")[:LONGEST].rstrip("_")
    return stem if stem[:1].isalpha() else f"n_{stem}".rstrip("_")


@dataclass
class Names:
    """The identifiers visible in a block."""

    taken: set[str]

    def add(self, hint: str) -> str:
        """A legal identifier close to `hint` that nothing else in sight has, nor a header."""
        stem = legal(hint)
        return self.unique(f"n_{stem}" if TAKEN.match(stem) else stem)

    def add_file(self, hint: str) -> str:
        """The same for an identifier after which files are called."""
        before, self.taken = self.taken, self.taken | FILES
        name = self.add(hint)
        self.taken = before | {name}
        return name

    def unique(self, stem: str) -> str:
        """`stem`, numbered if it is taken."""
        name, number = stem, 0
        while name in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name

    def nested(self) -> Names:
        return Names(set(self.taken))
