"""The ledgers of `make bench` set by WeasyPrint: a document each, with one style sheet and one configuration of
fonts for all, whose pages are joined, as its manual says for documents of many parts.

    weasyprint_join.py ROWS.csv FONTS OUT.pdf

Balances are not carried from page to page: that is less than Partnerbook's ledgers have.
"""
import csv
import html
import itertools
import pathlib
import sys

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

rows, fonts, out = sys.argv[1:4]
uri = pathlib.Path(fonts).resolve().as_uri()
STYLE = """
@font-face { font-family: "Ours"; src: url(FONTS/NotoSans-Regular.ttf) }
@font-face { font-family: "Ours"; font-weight: bold; src: url(FONTS/NotoSans-Bold.ttf) }
@page { size: A4; margin: 28mm 20mm 22mm 25mm;
  @top-left { content: "Northwind Roasters"; font: bold 10pt Ours; color: #123f47 }
  @top-right { content: "Referral Partner Ledger · " string(name) " · All dates"; font: 8pt Ours, sans-serif; color: #55585d }
  @bottom-left { content: "Northwind Roasters, 1 Harbour Street, Portland, OR 97201, United States"; font: 6.4pt Ours; color: #55585d; white-space: nowrap }
  @bottom-right { content: string(name) " · Page " counter(page) " of " counter(pages); font: 7.2pt Ours, sans-serif; color: #55585d } }
@page :first { @top-left { content: none } @top-right { content: none } }
body { margin: 0; font: 8.6pt/1.3 Ours, sans-serif; color: #16181a }
.head { position: absolute; top: -16mm } .head b { font-size: 13pt; color: #123f47 } .head span { display: block; font-size: 8pt; color: #55585d }
.return { position: absolute; top: 31mm; font-size: 6.5pt; color: #55585d } address { position: absolute; top: 34.7mm; width: 80mm; font: 10.5pt/1.35 Ours, sans-serif }
.facts { position: absolute; top: 22mm; left: 100mm; width: 65mm; font-size: 8.5pt } .facts td + td { text-align: right }
.fold { position: absolute; left: -25mm; width: 5mm; border-top: .2mm solid #9a9d9b }
h1 { margin: 0 0 4mm; padding-top: 70mm; font-size: 15pt; bookmark-level: 1; bookmark-label: attr(title); string-set: name attr(title) }
table { width: 100%; border-collapse: collapse } .facts td, .totals td { padding: .4mm 0 }
.soft, .facts td:first-child, .totals td:first-child { color: #55585d }
.sums td { width: 25%; padding: 2mm 3mm; border-top: .3mm solid #c9ccca; border-bottom: .3mm solid #c9ccca; font-size: 8pt; color: #55585d } .sums b { display: block; font-size: 12pt; color: #16181a } .sums td:last-child { background: #eef5f5 }
.entries { margin-top: 6mm } .entries td, .entries th { padding: 1.35mm 0; border-bottom: .2mm solid #e3e5e3; text-align: left } .entries th { font-size: 7.8pt; color: #55585d; border-bottom: .4mm solid #8b8f8d }
.entries :is(td, th):nth-child(n + 4) { text-align: right } .minus { color: #b3261e } .strong td { font-weight: bold }
.closing { break-inside: avoid; padding-top: 10mm } .two { display: flex; gap: 12mm } .two div { width: 50%; font-size: 8.8pt } h2 { font-size: 10pt; margin: 0 0 2mm } .totals td + td { text-align: right }
.note { margin-top: 8mm; font-size: 8.2pt; color: #55585d } .digest { font-size: 7.2pt; color: #55585d }
""".replace("FONTS", uri)
configuration = FontConfiguration()
style = CSS(string=STYLE, font_config=configuration)


def digits(minor):
    return f"{abs(minor) // 100:,}.{abs(minor) % 100:02}"


def money(minor):
    return f'<td class="minus">−{digits(minor)}</td>' if minor < 0 else f"<td>{digits(minor)}</td>"


def dollars(minor):
    return f"{'−' if minor < 0 else ''}${digits(minor)}"


def ledger(code, name, line, town, digest, entries):
    name = html.escape(name)
    total = sum(amount for _, _, amount in entries)
    of = lambda kind: sum(amount for _, other, amount in entries if other == kind)
    balance, shown = 0, []
    for date, kind, amount in entries:
        balance += amount
        shown.append(f"<tr><td>{date}</td><td>{kind}</td><td></td>{money(amount)}{money(balance)}</tr>")
    sums = (("Beginning balance", 0), ("+ Commissions", total), ("− Payments", 0), ("Ending balance", total))
    totals = (("Beginning balance", 0), ("Commissions earned", of("Commission")), ("Clawbacks after returns", of("Clawback")), ("Adjustments", of("Adjustment")), ("Payments", 0))
    facts = (("Referral Partner Code", code), ("Period", "All dates"), ("Date", "Nov 20, 2026"), ("Currency", "US Dollar (USD)"))
    return f"""<!doctype html><html lang="en"><title>Referral Partner Ledgers, All dates</title><meta name="author" content="Northwind Roasters"><body>
<div class="head"><b>Northwind Roasters</b><span>1 Harbour Street, Portland, OR 97201, United States</span><span>partners@northwind.example · +1 503 555 0100</span></div>
<div class="return">Northwind Roasters, 1 Harbour Street, Portland, OR 97201, United States</div>
<address>{name}<br>{line}<br>{town}<br>United States</address>
<table class="facts">{"".join(f"<tr><td>{word}</td><td>{value}</td></tr>" for word, value in facts)}</table>
<div class="fold" style="top:77mm"></div><div class="fold" style="top:182mm"></div>
<h1 title="{name} ({code})">Referral Partner Ledger</h1>
<table class="sums"><tr>{"".join(f"<td>{word}<b>{dollars(amount)}</b></td>" for word, amount in sums)}</tr></table>
<table class="entries"><thead><tr><th style="width:23mm">Date</th><th>Item</th><th>Rate</th><th style="width:23mm">Amount</th><th style="width:23mm">Balance</th></tr></thead>
<tr class="strong"><td></td><td>Beginning balance</td><td></td><td></td><td>0.00</td></tr>{"".join(shown)}
<tr class="strong"><td></td><td>Ending balance</td><td></td><td></td><td>{dollars(total)}</td></tr></table>
<div class="closing"><div class="two"><div><h2>Totals for the period</h2><table class="totals">
{"".join(f"<tr><td>{word}</td>{money(amount)}</tr>" for word, amount in totals if amount or word not in ("Clawbacks after returns", "Adjustments"))}<tr class="strong"><td>Ending balance</td><td>{dollars(total)}</td></tr></table></div>
<div><h2>Payment</h2>No payment is recorded for this period.</div></div>
<p class="note">A clawback takes back the commission on what a customer returned or was refunded.<br>Questions: partners@northwind.example.</p><p class="digest">Digest {digest}</p></div>"""


documents = []
with open(rows, newline="", encoding="utf-8") as file:
    for head, entries in itertools.groupby(csv.reader(file), key=lambda entry: entry[:5]):
        words = ledger(*head, [(date, kind, int(amount)) for *_, date, kind, amount in entries])
        documents.append(HTML(string=words).render(stylesheets=[style], font_config=configuration))
pages = [page for document in documents for page in document.pages]
documents[0].copy(pages).write_pdf(out)
