"""The ledgers of `make bench` set by Typst: one document over the rows, compiled as its manual says.

    typst_compile.py ROWS.csv FONTS OUT.pdf
"""
import os
import sys

import typst

rows, fonts, out = sys.argv[1:4]
here = os.path.dirname(os.path.abspath(__file__))
typst.compile(
    os.path.join(here, "ledgers.typ"),
    output=out,
    root="/",
    font_paths=[fonts],
    sys_inputs={"rows": os.path.abspath(rows)},
)
