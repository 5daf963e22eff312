"""Identifiers: legal in C++, safe from the macros of the vendor's headers, unique where they are visible."""

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
    MAX_MODE NAN NULL OVERFLOW PI PLOSS SING TLOSS UNDERFLOW alloca assert errno linux offsetof stderr stdin
    stdout unix
    """.split()
)
"""Keywords of C++ up to C++20, and macros that the vendor's `ap_int.h` and the C library bring along."""


@dataclass
class Names:
    """The identifiers visible in a block."""

    taken: set[str]

    def add(self, hint: str) -> str:
        """A legal identifier close to `hint` that nothing else in sight has, nor a keyword or macro."""
        stem = re.sub(r"[^A-Za-z0-9]+", "_", hint).strip("_")
        if re.match(r"[0-9]|(ap|AP|SC)_|$", stem):
            stem = f"n_{stem}".rstrip("_")
        name, number = stem, 0
        while name in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name

    def nested(self) -> Names:
        return Names(set(self.taken))
