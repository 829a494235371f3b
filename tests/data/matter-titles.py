#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes matter-titles.tsv: titles, the matter a lawyer would see in each with patterns alone, and with the firm's list known; "-" is none.

    tests/data/matter-titles.py tests/vectors/matter-list.json >tests/data/matter-titles.tsv

Written before the default rules were, and not by them. {c} is the matter's code: in turn one of the firm's and one that is not. {n} is a number
that is no code; it is one of the firm's codes all the same, so that only its surroundings can tell.
"""
import json
import random
import sys

NAMES = ["Affidavit of J Smith", "Letter to client", "Contract of sale", "Brief to counsel", "File note", "Statement of claim", "Deed of release",
         "Consent orders", "Advice on lease", "Chronology", "Costs agreement", "Heads of agreement", "Schriftsatz", "Vertragsentwurf", "Klageerwiderung",
         "Contrat de bail", "Mémoire en défense", "Assignation", "Escritura de compraventa", "Demanda", "Contratto preliminare", "契約書", "合同审查",
         "договор аренды", "Σύμβαση", "Will and POA", "Probate application", "Settlement offer", "Discovery list", "Memo"]

FORMS = """
[{c}] {name}.pdf
{name} [{c}].docx
{name}_[{c}].docx - Read-Only
[{c}]_{name}.docx
[{c}]-{name}.docx
[{c}]{name}.docx
[Matter {c}] {name}
[Ref: {c}] {name} - Outlook
[#{c}] {name}
RE: [{c}] {name}
AW: {name} [{c}] - Message (HTML)
({c}) {name}.docx
{name} ({c}).pdf
(ref {c}) {name}
{name} (our ref: {c})
{name} (Ref {c}/JS)
{c} - {name}
{c} – {name}.docx
{c} — {name}
{c}: {name}
{c}, {name}
{c}_{name}.docx
{name}_{c}.docx
{name}_{c}_v2.docx
{name}-{c}.docx
{c}-{name}.docx
{name}.{c}.pdf
{c}.docx
{c}.{name}.pdf
{c} {name}.docx
{name} {c}.xlsx
_{c}_ {name}
{name} _{c}_
Re: {name} {c} – without prejudice
FW: {name} - {c}
Matter {c} - {name}
Matter no. {c} {name}
Matter No: {c} {name}
Matter #{c}: {name}
{name}, matter number {c}
File {c} {name}
File no. {c} - {name}
Our ref: {c} {name}
Our Ref {c} - {name}
{name} O/Ref: {c}
ref:{c} {name}
Akte {c} {name}
{name} Az. {c}
Unser Zeichen: {c} {name}
Dossier {c} - {name}
N/Réf. : {c} {name}
Expediente {c} {name}
案件 {c} {name}
案件{c}号 {name}
Дело № {c} {name}
Υπόθεση {c} {name}
{c}/1 {name}
{c}/JS/kl {name}
{c}-1 {name}.docx
#{c} {name}
{name} {c} (2).docx
{name}_{c}(1).pdf
Copy of {c} {name}.docx
{c} {name} - Copy.docx
S:\\Clients\\Smith\\{c}\\{name}.docx
S:\\Matters\\{c} Smith\\{name}.pdf - Adobe Acrobat
{c} - File Explorer
{c} Smith - OneDrive - Microsoft Edge
Inbox - {c} {name} - Outlook
{name} {c} | Microsoft Teams
{name} | {c}
{c}|{name}
Call with J Smith re {c}
{name} re: {c} and next steps
{{c}} {name}
“{c}” {name}
{c}—{name}
{c}–{name}
{name} No.{c}
Matter\u00a0{c} {name}
{name}\u3000{c}
SMI-{c} {name}.docx
Smith/{c}/{name}
{c}; {name}
{name} {c}, dated 16.07.2025.docx
{c} 2025-07-16 {name}.docx
2025-07-16 {c} {name}.docx
20250716_{c}_{name}.docx
{c}_20250716_{name}.docx
{c} {name} 16.7.25.pdf
16072025 {c} {name}
{c} - Tax invoice INV-{n}.pdf
Invoice {n} - Matter {c}
[{c}] Invoice {n}.pdf
{c} settlement of ${n}.00
{c} {name} – Page 2 of 67
{c} {name} – Page 2 of {n}
Inbox ({n}) - {c} {name}
{c} {name} (phone 0412 345 678)
{c} PO Box {n} {name}
{name} {c} v2.1.docx
{name} {c} v12.docx
{c} {name} - 85% - Word
{c} {name} (12 pages).pdf
{c} {name} at 10:30
{c} {name} $5,000
{name} [{c}] - 3 unread
[{c}] {name} ABN 12 345 678 901
{name} [{c}] 1.2 MB
Freezing order {c}.docx
Court orders {c} (sealed).pdf
Bill Smith {c} {name}
Smith & Jones Pty Ltd {c} {name}
{c} Smith v Jones [2024] NSWSC 123
{c} {name} - Google Docs - Google Chrome – Jane (Work)
Trust ledger {c} 30 June 2025.xlsx
{c} Notice to produce 14 days.docx
{c} 3 Station Street purchase.docx
Purchase of 12/3 Main Road {c}.docx
~${c} {name}.docx
Kostenrechner {c} 2025.xlsx
Besprechung {c} um 14:30
Rendez-vous {c} à 15h
{c}_Letter_to_PO_Box_123.docx
"""

REFUSED = """
Invoice {n}
Invoice #{n}.pdf
invoice_{n}.pdf
Invoice No. {n} from Officeworks
INV{n}.pdf
INV {n}
Tax Invoice No: {n}
Tax invoice [{n}].pdf
Rechnung {n}.pdf
Rechnung Nr. {n}
Facture n° {n}
Factura {n}
发票 {n}
Receipt {n}
Receipt no. {n}
Credit note CN-{n}
Quote {n} from Smith Printing
QU-{n} quotation
Purchase order {n}
PO {n}
PO#{n}
PO-{n}.pdf
Remittance advice {n}
${n}
Loan of ${n} to Smith
A${n} transfer
AUD {n} transfer
AUD{n}.50
{n} AUD
€{n} Darlehen
{n} € Kaution
{n},50 €
EUR {n}
£{n} deposit
US${n}
USD {n}
¥{n}
{n}円
CHF {n}
{n} EUR
{n} dollars
{n}.50
Total {n}.00
Balance: {n}.75
Paid 3,{n}
Screenshot 2025-07-16 at 10.12.34.png
IMG_20250716_123456.jpg
Scan_20250716{n}.pdf
20250716 Letter.docx
16.7.2025 Letter.docx
16-07-25 Letter.docx
Letter 16072025.docx
2025.07.16 Diary
IMG_{n}.jpg
DSC{n}.JPG
DSC_{n}.JPG
Screenshot ({n}).png
+61 412 345 678
(02) 9876 5432 - call
ext {n}
Call reception ext. {n}
Smith x{n}
extension {n}
Tel. 089 {n}
Phone: {n}
Fax 02 {n}
Mobile 0412 {n}
+49 89 {n}
0800 {n}
ABN 12 345 678 901
ACN 123 456 789
TFN 123 456 789
acct {n}
Account number: {n}
account no {n} statement
A/C {n}
Acc. no. {n}
Konto {n}
IBAN DE89 3704 0044 0532 0130 00
Policy no. {n} renewal
Claim number {n} - NRMA
Licence no {n}
Membership no. {n}
Customer number {n}
Lot 5 DP {n}
Lot 12 in DP{n}
SP {n} strata search
Folio identifier 1/{n}
Volume {n} Folio 123
v{n}
version {n} release notes
Version 1.{n}
build {n}
OS Build {n}.3448
KB{n}
10.0.{n}.1
Chrome 117.0.5938.{n}
SVN r{n}
Revision {n}
ISO {n} audit
ISO/IEC {n}
Fix crash · Pull Request #{n} · org/repo · GitHub
Crash at start · Issue #{n} · org/repo · GitHub
Bug {n} - Bugzilla
JIRA-{n}
CVE-2024-{n}
({n} unread) Mail
Inbox ({n})
Inbox ({n}) - jane@example.com - Outlook
({n}) Inbox
Spam ({n})
Posteingang ({n})
Boîte de réception ({n})
({n}) YouTube
({n}) WhatsApp
{n} items
{n} results for "lease"
About {n} results
{n} files selected
{n} new messages
{n} messages
{n} rows
{n} words
{n} views
{n} emails archived
{n} records found
{n} pages
{n} characters
{n} of 30000
1-50 of {n}
1 of {n}
Row 5 of {n}
Page {n}
Page {n} of 30000
p. {n}
pp {n}-{n}
Slide {n}
{n} Nachrichten
{n} Dateien
{n} éléments
{n} followers
{n} likes
{n} documents
PO Box {n}
P.O. Box {n} Sydney
GPO Box {n} Melbourne
Locked Bag {n}
Postfach {n}
BP {n} Paris
Beverly Hills, CA 90210
{n} Berlin - Google Maps
D-{n} Hamburg
ZIP code {n}
Postcode {n}
PLZ {n}
Order #{n}
Order no. {n}
Your Amazon order {n}
Order confirmation {n}
Bestellung {n}
Commande n° {n}
Ticket {n}
Ticket #{n}: printer
[Ticket #{n}] printer
[#{n}] ticket received
TKT-{n}
INC{n}
Support case {n}
Tracking number {n}
Tracking {n}
Parcel {n} is on its way
Meeting ID: {n}
Meeting ID 123 {n} 456
Webinar ID {n}
Booking {n}
Booking ref {n}
Booking reference: {n}
Confirmation code: {n}
Your verification code is {n}
Passcode {n}
PIN {n}
S/N {n}
Serial no. {n}
SKU {n}
Item no. {n}
Part no. {n}
Model {n} manual
localhost:{n}
127.0.0.1:{n}
port {n}
example.com:{n}/login
https://example.com/article/{n}
https://example.com/?id={n}
www.example.com/{n}.html
example.com/{n}
github.com/org/repo/pull/{n}
https://example.com/{n}-story-of-a-lease
a{n}f
0x{n}
commit 3f{n}b
#{n}f
123e4567-e89b-12d3-a456-4266141{n}
{n} Main Street
{n} Pacific Highway
{n} Sunset Blvd
{n} Great Western Hwy Parramatta
ISBN 978-0-12-{n}-8
ISBN 0 {n} 123 4
DOI 10.1000/{n}
arXiv:2401.{n}
PMID {n}
Document{n}
Document{n} - Word
Book{n}
Presentation{n}
Untitled-{n}
Dokument{n}
{n} KB
{n} bytes
{n}MB
{n} kB free
{n}%
{n} %
{n} km
{n} sqm
{n} m²
{n} kg
{n} hours
{n} days
{n}mm
{n} kWh
{n} shares
{n} seconds
{n}ms
4111 1111 {n} 1111
123-{n}-456
3.{n}
1{n}
{n}12
user{n}@example.com
{n}@example.com
player{n}
10000 steps challenge
Top 10000 passwords
Room {n}
Suite {n}
Flight QF{n}
Mail - {n} unread
Downloads ({n} items)
Temperature {n}°
{n} + GST
{n} incl GST
Rent {n} per annum
{n} pa
Salary {n} p.a.
Google Chrome
No Details
Weekly Client Review
Calendar - July 2025
Annual report 2024
FY2024-25 budget
Smith v Jones [2024] NSWSC 1234
Corporations Act 2001 (Cth) s 1317
Brief to counsel 1234
Letter 123456.docx
Matter 1234
[123456] Letter
Matter ABC
"""


def main():
    listed = [str(c) for c in json.load(open(sys.argv[1], encoding="utf-8"))]
    rng = random.Random(20251123)
    strange = [str(n) for n in range(10001, 99999) if str(n) not in set(listed) and n % 1000 and not 19000 <= n <= 21000]
    out = []
    for i, form in enumerate(FORMS.strip("\n").split("\n")):
        for known in (i % 2 == 0, i % 2 == 1) if i % 5 == 0 else (i % 3 != 0,):
            code = rng.choice(listed if known else strange)
            number = rng.choice([c for c in listed if c != code])
            title = form.replace("{c}", code).replace("{n}", number).replace("{name}", rng.choice(NAMES))
            out.append((title, code, code if known else "-"))
    for form in REFUSED.strip("\n").split("\n"):
        out.append((form.replace("{n}", rng.choice(listed)), "-", "-"))
    for row in out:
        print("\t".join(row))


if __name__ == "__main__":
    main()
