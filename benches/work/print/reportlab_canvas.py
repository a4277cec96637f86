"""The ledgers of `make bench` drawn by ReportLab, straight on its canvas, which is its fastest way.

    reportlab_canvas.py ROWS.csv FONTS OUT.pdf

Letters are not joined and stand in the order in which they are written: that is less work than Partnerbook's.
"""
import csv
import itertools
import os
import sys
import unicodedata

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

rows, fonts, out = sys.argv[1:4]
FOLDERS = (fonts, "/usr/share/fonts/truetype/noto")
# Its manual has Chinese, Japanese and Korean letters drawn by the viewer's own fonts.
CID = {"CJK": "STSong-Light", "HIRAGANA": "HeiseiKakuGo-W5", "KATAKANA": "HeiseiKakuGo-W5", "HANGUL": "HYGothic-Medium"}
WIDTH, HEIGHT = A4
LEFT, RIGHT = 25 * mm, WIDTH - 20 * mm
INK, SOFT, RED, HAIR, PETROL = (HexColor(code) for code in ("#16181a", "#55585d", "#b3261e", "#c9ccca", "#123f47"))
known = {}


def font(name):
    """Registers a font that is there; Noto Sans stands in for one that is not."""
    if name not in known:
        known[name] = "R"
        for folder in FOLDERS:
            path = f"{folder}/{name}.ttf"
            if os.path.exists(path):
                pdfmetrics.registerFont(TTFont(name, path, shapable=False))
                known[name] = name
                break
    return known[name]


def cid(name):
    if name not in known:
        pdfmetrics.registerFont(UnicodeCIDFont(name))
        known[name] = name
    return known[name]


for alias, name in (("R", "NotoSans-Regular"), ("B", "NotoSans-Bold")):
    pdfmetrics.registerFont(TTFont(alias, f"{fonts}/{name}.ttf", shapable=False))
usual = pdfmetrics.getFont("R").face.charToGlyph


def font_of(sign):
    if ord(sign) in usual:
        return "R"
    script = unicodedata.name(sign, "UNKNOWN").split()[0]
    return cid(CID[script]) if script in CID else font(f"NotoSans{script.capitalize()}-Regular")


stretches_known = {}


def stretches(words):
    found = stretches_known.get(words)
    if found is None:
        found = [(name, "".join(signs)) for name, signs in itertools.groupby(words, font_of)]
        stretches_known[words] = found
    return found


canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang="en")
canvas.setTitle("Referral Partner Ledgers, All dates")
canvas.setAuthor("Northwind Roasters")


def text(x, y, words, font="R", size=8.6, colour=INK, right=False):
    canvas.setFont(font, size)
    canvas.setFillColor(colour)
    (canvas.drawRightString if right else canvas.drawString)(x, HEIGHT - y, words)


def named(x, y, words, size=8.6, colour=INK, right=False):
    """Words in whatever script."""
    parts = stretches(words)
    widths = [pdfmetrics.stringWidth(part, font, size) for font, part in parts]
    x -= sum(widths) if right else 0
    for (font, part), width in zip(parts, widths):
        text(x, y, part, font, size, colour)
        x += width


def fitted(words, size, most):
    """The size at which the words are no wider than this."""
    width = sum(pdfmetrics.stringWidth(part, font, size) for font, part in stretches(words))
    return min(size, size * most / width)


def rule(y, thick=0.6):
    canvas.setStrokeColor(HAIR)
    canvas.setLineWidth(thick)
    canvas.line(LEFT, HEIGHT - y, RIGHT, HEIGHT - y)


def money(minor):
    return f"{'−' if minor < 0 else ''}{abs(minor) // 100:,}.{abs(minor) % 100:02}"


def dollars(minor):
    return f"{'−' if minor < 0 else ''}${abs(minor) // 100:,}.{abs(minor) % 100:02}"


def headings(y):
    for x, word in ((LEFT, "Date"), (LEFT + 23 * mm, "Item"), (LEFT + 82 * mm, "Rate")):
        text(x, y, word, "B", 7.8, SOFT)
    text(RIGHT - 23 * mm, y, "Amount", "B", 7.8, SOFT, True)
    text(RIGHT, y, "Balance", "B", 7.8, SOFT, True)
    rule(y + 5, 1.1)


def row(y, date, item, amount, balance, font="R"):
    if date:
        text(LEFT, y, date, font)
    text(LEFT + 23 * mm, y, item, font)
    if amount is not None:
        text(RIGHT - 23 * mm, y, money(amount), font, colour=RED if amount < 0 else INK, right=True)
    text(RIGHT, y, money(balance), font, colour=RED if balance < 0 else INK, right=True)
    rule(y + 5, 0.5)


COMPANY = "Northwind Roasters"
ADDRESS = "1 Harbour Street, Portland, OR 97201, United States"
REACH = "partners@northwind.example · +1 503 555 0100"
STEP = 1.3 * 8.6 + 2.7 * mm
BOTTOM = HEIGHT - 22 * mm
NOTES = (
    "A clawback takes back the commission on what a customer returned or was refunded.",
    "Questions: partners@northwind.example.",
)


def first_page(code, name, line, town, entries):
    text(LEFT, 12 * mm + 13, COMPANY, "B", 13, PETROL)
    text(LEFT, 12 * mm + 25, ADDRESS, size=8, colour=SOFT)
    text(LEFT, 12 * mm + 36, REACH, size=8, colour=SOFT)
    text(LEFT, 61 * mm, f"{COMPANY}, {ADDRESS}", size=6.5, colour=SOFT)
    named(LEFT, 62.7 * mm + 10.5, name, fitted(name, 10.5, 80 * mm))
    for number, words in enumerate((line, town, "United States")):
        text(LEFT, 62.7 * mm + 10.5 + 14.2 * (number + 1), words, size=10.5)
    facts = (("Referral Partner Code", code), ("Period", "All dates"), ("Date", "Nov 20, 2026"), ("Currency", "US Dollar (USD)"))
    for number, (word, value) in enumerate(facts):
        text(125 * mm, 53 * mm + 14.2 * number, word, size=8.5, colour=SOFT)
        text(RIGHT, 53 * mm + 14.2 * number, value, size=8.5, right=True)
    for y in (105 * mm, 210 * mm):
        canvas.line(0, HEIGHT - y, 5 * mm, HEIGHT - y)
    text(LEFT, 98 * mm + 12, "Referral Partner Ledger", "B", 15)
    total = sum(amount for _, _, amount in entries)
    column = (RIGHT - LEFT) / 4
    top = 98 * mm + 12 + 6.5 * mm
    canvas.setFillColor(HexColor("#eef5f5"))
    canvas.rect(LEFT + 3 * column, HEIGHT - top - 41, column, 41, stroke=0, fill=1)
    rule(top)
    rule(top + 41)
    sums = (("Beginning balance", 0), ("+ Commissions", total), ("− Payments", 0), ("Ending balance", total))
    for number, (word, amount) in enumerate(sums):
        x = LEFT + column * number + (3 * mm if number else 0)
        text(x, top + 2 * mm + 8.5, word, size=8, colour=SOFT)
        text(x, top + 2 * mm + 25, dollars(amount), "B", 12, RED if amount < 0 else INK)
    return top + 41 + 6 * mm


def next_page(code, name):
    text(LEFT, 16 * mm, COMPANY, "B", 10, PETROL)
    words = f" ({code}) · All dates"
    text(RIGHT, 16 * mm, words, size=8, colour=SOFT, right=True)
    title = f"Referral Partner Ledger · {name}"
    named(RIGHT - pdfmetrics.stringWidth(words, "R", 8), 16 * mm, title, fitted(title, 8, 80 * mm), SOFT, True)
    rule(19 * mm)
    return 28 * mm


def ledger(code, name, line, town, digest, entries):
    pages = [[]]
    y = 98 * mm + 12 + 12.5 * mm + 41 + 2 * STEP
    for entry in entries:
        if y + STEP > BOTTOM - STEP - 1.5 * mm:
            pages.append([])
            y = 28 * mm + 2 * STEP
        pages[-1].append(entry)
        y += STEP
    closing = 10 * mm + 20 + 6 * (8.8 * 1.4 + mm) + 8 * mm + 4 * 11.4
    closes_apart = y + STEP + closing > BOTTOM
    count = len(pages) + closes_apart
    balance = 0
    canvas.bookmarkPage(code)
    canvas.addOutlineEntry(f"{name} ({code})", code)
    for number, page in enumerate(pages, 1):
        y = first_page(code, name, line, town, entries) if number == 1 else next_page(code, name)
        headings(y + 12)
        y += STEP
        row(y + 12, "", "Beginning balance" if number == 1 else "Brought forward", None, balance, "B")
        for date, kind, amount in page:
            balance += amount
            y += STEP
            row(y + 12, date, kind, amount, balance)
        y += STEP
        last = number == len(pages)
        row(y + 12, "", "Ending balance" if last else "Carried forward", None, balance, "B")
        y += STEP
        if not last or closes_apart:
            foot(name, code, number, count)
    if closes_apart:
        y = next_page(code, name)
    y += 10 * mm
    half = (RIGHT - LEFT) / 2 - 6 * mm
    text(LEFT, y + 10, "Totals for the period", "B", 10)
    text(RIGHT - half, y + 10, "Payment", "B", 10)
    text(RIGHT - half, y + 27, "No payment is recorded for this period.", size=8.8)
    y += 27
    sums = [("Beginning balance", 0)]
    for word, kind in (("Commissions earned", "Commission"), ("Clawbacks after returns", "Clawback"), ("Adjustments", "Adjustment")):
        amount = sum(amount for _, other, amount in entries if other == kind)
        if amount or kind == "Commission":
            sums.append((word, amount))
    for word, amount in sums + [("Payments", 0)]:
        text(LEFT, y, word, size=8.8, colour=SOFT)
        text(LEFT + half, y, money(amount), size=8.8, colour=RED if amount < 0 else INK, right=True)
        y += 8.8 * 1.4 + mm
    text(LEFT, y, "Ending balance", "B", 8.8)
    text(LEFT + half, y, dollars(balance), "B", 8.8, right=True)
    y += 8.8 * 1.4 + 9 * mm
    for words in NOTES:
        text(LEFT, y, words, size=8.2, colour=SOFT)
        y += 11.4
    text(LEFT, y + 3, f"Digest {digest}", size=7.2, colour=SOFT)
    foot(name, code, count, count)


def foot(name, code, page, count):
    rule(HEIGHT - 16 * mm)
    words = f" ({code}) · Page {page} of {count}"
    y = HEIGHT - 14 * mm + 7.2
    text(LEFT, y, f"{COMPANY}, {ADDRESS}", size=6.4, colour=SOFT)
    text(RIGHT, y, words, size=7.2, colour=SOFT, right=True)
    named(RIGHT - pdfmetrics.stringWidth(words, "R", 7.2), y, name, fitted(name, 7.2, 40 * mm), SOFT, True)
    canvas.showPage()


with open(rows, newline="", encoding="utf-8") as file:
    for head, entries in itertools.groupby(csv.reader(file), key=lambda entry: entry[:5]):
        ledger(*head, [(date, kind, int(amount)) for *_, date, kind, amount in entries])
canvas.save()
