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

# A second lot, written to see how the first rules did on what they had not been written for.
MORE_FORMS = """
{c} Letter to Smith & Co re costs.docx
Ltr to client re {c}.docx
Email to counsel {c} 17 July 2025
{c} - Smith - Affidavit of service (unsworn).docx
Smith v Jones - {c} - Outline of submissions v3.docx - Word
Amended Defence {c} FINAL FINAL.docx
Draft orders [{c}] (marked up).docx
[{c}] Smith / Jones - Deed of Settlement - tracked.docx
[ {c} ] Notes
[{c}/2] Advice
[{c}-1] Advice
[{c} Smith] Advice
Smith [matter {c}]: call
{c}_Smith_Affidavit_2025-07-16.docx
2025-07-16_{c}_Smith.pdf
Affidavit {c} sworn 16 July 2025.pdf
{c} Conference with counsel 2pm
Telephone call with J Smith ({c})
Telephone attendance {c} Smith
Email: {c} - Smith - offer
Re: RE: FW: {c} Smith
SV: Ärende {c}
R: Pratica {c} - atto di citazione
TR: Dossier n° {c} - conclusions
WG: Mandat {c} - Frist läuft ab
Aktenzeichen: {c} - Klage
Klage {c} gegen Müller GmbH.docx
Mandant Müller ({c}) - Vollmacht.pdf
Zaak {c} - Dagvaarding.docx
Sprawa {c} - pozew.docx
Spis {c} žaloba.docx
Processo {c} - petição inicial
Vụ việc {c} hợp đồng.docx
사건 {c} 준비서면.docx
案號 {c} 起訴狀
事件番号{c} 訴状.docx
قضية {c} مذكرة
תיק {c} כתב תביעה
Foreign language: Ügy {c}
Time entry – {c} – 0.3 units
Trust account authority {c}.pdf
Costs disclosure {c} $25,000 - $35,000.docx
{c} Lease of Shop 4, 12 Main Street.docx
{c} Contract - 7/15 High Street, Bondi NSW 2026.pdf
Mortgage {c} ANZ - settlement 31.07.25.docx
{c} Settlement statement $1,250,000.xlsx
{c} Annexure A to contract (pages 1-12).pdf
{c} Exhibit JS-1 pp 1-99.pdf
{c} Search DP 123456.pdf
{c} Title search 1-123456.pdf
{c} ASIC search ACN 123 456 789.pdf
Bundle {c} tab 3.pdf
{c} bundle (150 pages).pdf
{c} Time sheet 10-07-25.xlsx
{c} counsel's invoice.pdf
Counsel's fees {c} - invoice 1234.pdf
{c} Notice of appeal filed 16/07/2025.pdf
Estate of the late J Smith {c} inventory of assets.xlsx
{c}-Smith-Will.docx
Will_{c}_execution_copy.docx
SmithJ-{c}-Will.docx
{c}.Smith.Will.docx
Contract ({c} - Smith).docx
Contract (Smith - {c}).docx
Contract {c}_signed.pdf
Contract_{c}-signed.pdf
{c}~Contract.docx
Smith, {c}, contract
Smith: {c}
Smith ;{c}; contract
'{c}' contract
"{c}" contract - Google Search
<{c}> contract
Matter={c}
matter-{c}
matter_{c}_notes.txt
MATTER {c} NOTES
MatterNo {c}
Matter No.{c}
Matter Nº {c}
mtr {c} notes
File: {c}
File ref {c}
Your ref {c}
Client ref: {c}
Ref No {c}
Reference: {c}
Our reference {c}
O.Ref. {c}
u/z {c}
{c} | Smith | LEAP
LEAP - {c} Smith
Actionstep - {c} Smith - Google Chrome
Smokeball | {c} - Smith, John - Sale
Clio - Matters - {c} Smith v Jones
ALP - Matter {c} - Time
{c} in Outlook
Search {c} - iManage Work 10
{c} - SharePoint
{c} (read only) - Excel
{c} budget.xlsx - Repaired - Excel
\\\\server\\files\\{c}\\Letter.docx
/Volumes/Matters/{c}/Letter.pages
H:\\{c}\\Correspondence
~/Documents/{c}/brief.pdf
Zoom Meeting {c} Smith
Teams call: {c} Smith v Jones mediation
Mediation {c} 9.30am
{c} 14 day letter.docx
{c} 2nd draft.docx
{c} Version 2.docx
{c} rev 3.docx
Draft 2 {c}.docx
Draft2_{c}.docx
{c} Form 1.docx
Form 26 {c}.docx
{c} s 588FDA advice.docx
Advice {c} re s 52 TPA.docx
Clause 12 of {c}.docx
{c} clause 12.3 comments
{c} 50% share transfer.docx
{c} Smith (deceased) 12.03.1940.docx
{c} emails with client.docx
Documents for {c}.docx
All documents {c}
{c} - 3 documents for signature
Sign: {c} Smith deed | DocuSign
{c} Affidavit - Adobe Acrobat Reader (64-bit)
{c} Letter (1).docx
Letter {c} 1.docx
1. {c} Letter.docx
01 {c} Letter.docx
A1 {c} Letter.docx
{c} A1 Letter.docx
Tax advice {c}.docx
Invoices {c} Smith.pdf
Invoice disputes - matter {c}
Phone call {c} Smith
Ticketing agreement {c}.docx
Version control policy {c}.docx
Order for costs {c}.docx
Meeting ID dispute {c}
Model litigant advice {c}.docx
Room hire agreement {c}.docx
Bill of sale {c}.docx
Bill of costs {c}.xlsx
Building contract {c}.docx
Account stated {c} advice.docx
Statement of account {c}.docx
Deed of release {c}.docx
Claim {c} particulars.docx
Policy advice {c}.docx
Licence agreement {c}.docx
Patent licence {c}.docx
Code of conduct {c}.docx
Box Hill lease {c}.docx
Port Macquarie lease {c}.docx
Street Talk article {c}.docx
Page Smith {c} will.docx
Total Freight Pty Ltd {c} advice.docx
Quote Lawyers {c} retainer.docx
Smith Inc {c} retainer.docx
So {c} is ready
Call {c}
"""

MORE_REFUSED = """
Officeworks tax invoice {n}.pdf
Invoice-{n}.pdf
invoice ({n}).pdf
Inv# {n}
Inv.{n}
SI-{n}.pdf
Xero | Invoice INV-{n} | Smith Law
Pay bill no. {n}
Bill #{n}
Sales receipt #{n}
Receipt_{n}.pdf
Proforma {n}
Rechnungsnr. {n}
Rechnungsnummer {n}
RE-{n}.pdf Rechnung
N° de facture {n}
Fattura n. {n}
Fattura {n}/2025
Credit memo {n}
Purchase Order No. {n}
P.O. No. {n}
Order ref {n}
eBay - Order {n}
Order number: {n}
My orders - order {n} - Amazon
Delivery no {n}
Consignment note {n}
AusPost tracking no: {n}
DHL Sendungsnummer {n}
Refund ${n}
Cost is ${n}, due Friday
$ {n}
AU${n}
NZ${n}
AUD$ {n}
AUD$45,{n}
A$ {n}.00
{n}.00 owing
{n} USD
USD{n}
€ {n},-
{n} Euro
Preis: {n} €
{n} zł
{n} kr
{n} ₽
{n}元
${n}k
{n}/month
{n} per month
{n} p.w.
{n} (ex GST)
{n} (incl. GST)
{n} plus GST
16 July 2025
July 16, 2025
160725 note
1/7/2025 note
2025/07/16 note
20250716_103015.jpg
20250716-103015.mp4
VID_20250716_{n}.mp4
PXL_{n}.jpg
DSC0{n}.jpg
Scan{n}.pdf
image{n}.png
Screen Shot 2025-07-16 at 9.41.22 am
2025-07-16T10:30:15.{n}Z
Call from +61 2 9876 5432
+61 2 {n} 543
Ph: {n}
Ph. 9876 {n}
tel:{n}
Phone no. {n}
Fax: {n}
Ext: {n}
ext.{n}
Dial {n}
SMS to 0412 {n}
1300 {n}
1800 {n}
13 {n}
02 9876 {n}
(02) {n}
ABN: 12 {n} 678 901
ABN 12{n}8901
ACN {n}6789
A/c no: {n}
Acct No. {n}
Account #{n}
Account ending {n}
BSB 062-{n}
BSB 062 000 Acc {n}
Kontonummer: {n}
IBAN DE{n}
Medicare no {n}
Card ending {n}
Cheque {n}
Cheque no. {n}
Policy number {n}
Policy #{n}
Claim no. {n} (Allianz)
Claim #{n}
Licence number: {n}
Student ID {n}
Employee no. {n}
Passport no. {n}
Reg. No. {n}
Trade mark no. {n}
Patent No. {n}
Lot 1 in DP {n}
Lots 1-3 SP{n}
SP {n}
Vol {n} Fol 12
CT Vol. {n} Fol. 123
Auto-Consol {n}-12
Python 3.{n}
Ubuntu 22.04.{n}
v1.{n}.0
v 1.2.{n}
Build {n}.1
(Build {n})
Version: {n}
Windows 11 build {n}
KB {n}
Update KB{n}
rev. {n}
r{n}
Bug #{n}
bug-{n}
Ticket no. {n}
Ticket ID: {n}
Case ID {n}
Support ticket ({n})
Helpdesk #{n}
SR-{n}
REQ{n}
INC-{n}
CHG{n}
JIRA PROJ-1 / {n} views
Issue #{n}
PR #{n}
!{n} merge request
Merge request !{n}
Stack Overflow - question {n}
Meeting ID: 812 {n} 123
Zoom ID {n}
Passcode: {n}
Your code: {n}
{n} is your verification code
Use code {n} to sign in
Reservation {n}
Booking no. {n}
Itinerary {n}
Confirmation #{n}
Gmail - Inbox ({n}) - jane@example.com
Inbox ({n} messages)
Inbox: {n} unread
Unread: {n}
Deleted Items ({n})
Junk Email ({n})
Sent ({n})
收件箱 ({n})
({n}) LinkedIn
({n}) Facebook
({n}) Some video - YouTube
({n}+) Slack
Teams ({n})
{n} unread emails
{n} notifications
{n} total results
about {n} results (0.35 seconds)
{n} search results
{n} matches
{n} hits
{n} rows selected
{n} of {n} rows
Showing 1 to 50 of {n} entries
Results 1-10 of {n}
1/{n}
Item 3 / {n}
Row {n}
Line {n}, column 5
Slide 3 of {n}
Page {n}/{n}
Pages: {n}
p.{n}
Words: {n}
Word count: {n}
Items: {n}
Count: {n}
Files: {n}
{n} files, 3 folders
Copying {n} items
Deleting {n} files
Uploading {n} files
{n} photos
{n} songs
{n} people like this
{n} subscribers
{n} steps today
{n} kcal
{n} ratings
{n} reviews
{n} jobs in Sydney
{n} properties for sale
{n} Ergebnisse
{n} ungelesene Nachrichten
{n} résultats
{n} messages non lus
{n} resultados
{n}件
共 {n} 条
P O Box {n}
PO BOX {n}, Parramatta NSW 2124
GPO BOX {n}
DX {n} Sydney
Reply Paid {n}
Private Bag {n}
NY {n}
New York, NY {n}
Washington DC {n}
{n} München
{n} Paris
F-{n} Lyon
Postal code: {n}
Postleitzahl {n}
https://www.example.com.au/buy/{n}
http://example.com/p?id={n}&x=1
example.com.au/{n}
www.example.com/?p={n}
mailto:{n}@example.com
user_{n}@example.com
@user{n}
http://10.0.0.1:{n}/
10.0.0.1:{n}
0.0.0.0:{n} - Terminal
ssh -p {n} host
TCP port {n}
PID {n}
pid={n}
id={n}
id: {n}
ID {n}
UID {n}
hash 9a{n}ff
SHA 9a{n}
#a{n}
0x{n}
urn:uuid:{n}ab-1234
{n} George Street, Sydney
{n} Bruce Highway, Cairns
{n} Ventura Blvd, Los Angeles
Unit {n}, 5 Main St
ISBN: 978-1-{n}-123-4
ISSN 1234-{n}
doi.org/10.1016/j.{n}
10.1016/{n}
RFC {n}
ISO {n}:2022
AS {n}
AS/NZS {n}
Directive 2006/{n}/EC
SSRN {n}
Document{n}.docx
Document{n} [Compatibility Mode]
Book{n}.xlsx
Presentation{n} - PowerPoint
Untitled{n}
Untitled {n}
Unbenannt{n}
New Document {n}
Sheet{n}
Table {n}
{n} KB free of {n} KB
{n} B
{n} MiB
{n}kB
{n} px
{n}x{n}
{n} x {n}
{n} dpi
{n} m2
{n} square metres
{n} ha
{n} acres
{n} tonnes
{n} L
{n} V
{n} years ago
{n} min
{n} hrs
{n}h
{n}s
{n} sec
{n}.5%
{n},5 %
{n} bps
{n} °C
12{n}
{n}1
123 {n} 789
1234-{n}
{n}-12345
{n}-1234
{n} {n} {n}
1,{n}
{n},000
12.{n}
{n}.12
.{n}
0.{n}
-{n}.5
1 {n} 2 3
Win ${n} today
Population {n}
Attendance: {n}
Lotto {n}
Bus {n}
Flight {n}
Route {n}
Highway {n}
Channel {n}
Episode {n}
Level {n}
Score {n}
High score: {n}
Player {n}
Lot {n}
Seat {n}
Locker {n}
Room {n} booking
"""

# A third, when the second was known. Of what is no matter the rules refused three in four of the second lot before they had seen it, nine in
# ten of this one.
LAST_FORMS = """
Settlement agreement {c} signed.docx
{c} - Application for leave to appeal.docx - Word
_{c}_Particulars
{c}_Particulars.docx - Compatibility Mode
(our ref {c}) Request for documents
(Your ref: {c}) Reply
[{c}] Witness statement of M. Müller.docx
Witness statement_[{c}].pdf
Lease {c} - Shop 12
Shop lease {c}.pdf – Page 14 of 88
Re: Ihr Schreiben vom 3.4.2025 – {c}
Re: Costs {c} – save as to costs
Meeting on {c} with counsel
Meeting re {c} prep
Letter from client {c} draft.docx
expenses {c}.xlsx
Time recording {c}.xlsx
forecast {c}.xlsx - Excel
Matter {c} dashboard - Microsoft Edge
Matter {c} - Documents - Mozilla Firefox
Akte {c} Portal - Google Chrome
合同 {c}
律师函 {c}
メール {c}
письмо {c}
μήνυμα {c}
correo {c}
e-mail {c}
änderung [{c}].docx
Ärztliches Gutachten [{c}].pdf
Résumé [{c}].docx
{c} – Opinion
{c} — Opinion
{c}: Opinion
Opinion, {c}
Opinion ({c})
Opinion #{c}
Opinion/{c}
Opinion-{c}
Opinion.{c}.docx
Opinion_{c}
Opinion {c}
Opinion v2 {c}.docx
Opinion {c} v2.docx
Opinion {c} (final) (2).docx
Opinion {c} 16 July 2025.docx
Opinion 16.07.2025 {c}.docx
20250716 {c} Opinion.docx
2025.07.16 - {c} - Opinion.docx
160725_{c}_Opinion.docx
{c} Opinion 3 pages.docx
{c} 3rd letter.docx
{c} 1st affidavit.docx
Affidavit 1 {c}.docx
{c} costs $12,500 offer.docx
{c} offer of $250,000.docx
{c} rule 68 notice.docx
{c} 21 Smith Street Kew.docx
{c} caveat DP 12345 search.pdf
{c} - INV-10051 - paid.pdf
{c} phone (03) 9123 4567.docx
FW: [EXTERNAL] {c} Smith - discovery
RE: [EXT] Smith {c}
[EXTERNAL] [{c}] Smith
{c} Smith – Teams meeting
Draft email re {c}
Notes of call - {c}
Call note {c} 10.15am
Attendance note {c}
Research memo {c} limitation periods
Limitation research - {c} - AustLII
{c} 2024 NSWSC 123 authorities.docx
Brief {c} volume 2.pdf
Court book {c} tab 12.pdf
Tab 12 {c}.pdf
{c} schedule 1 annexure B.docx
{c}.msg
{c}.eml
{c}.zip
{c}.
Deed ({c}).docx
Deed - ({c}) - execution version.docx
deed {c} execution version clean.docx
DEED {c} EXECUTION VERSION.DOCX
Open {c} in LEAP
Edit time entry: {c} Smith
New email - {c}
Untitled - {c} Smith - Message
Save as - {c} letter
Print - {c} letter.docx
Compare {c} v1 and v2.docx
{c} precedent order.docx
{c} consent order sealed.pdf
Order {c}.docx
Invoice query {c} Smith
Version 3 of {c} deed
File note {c}
file note_{c}
Filenote-{c}
{c} phone call with client
{c} telephone conference
{c} account of profits advice
{c} claim form.pdf
{c} licence deed.docx
{c} policy review.docx
{c} page turn meeting
{c} room hire dispute
{c} total loss claim.docx
{c} unit entitlement advice
{c} days of hearing
{c} emails from other side
{c} words of settlement
{c} files from former solicitor
{c} documents received
{c} items for discussion
{c} new instructions
{c} shares transfer
"""

LAST_REFUSED = """
Invoice {n} due 30 July
Your invoice {n} is ready
invoice_{n}_paid.pdf
TAX INVOICE {n}
Tax Invoice INV-{n}-B
Receipt for payment {n}
Rechnung_{n}.pdf
Facture-{n}.pdf
Quote #{n}
PO {n} approval
Credit Note {n}
Pay ${n} by Friday
Price ${n} incl GST
List price A${n}
Deposit €{n}
{n} € Anzahlung
£{n} in damages
USD {n}.00
Costs of $ {n}
Damages $1{n}
AUD {n}
16/07/2025
20250716 note
Scan_20250717.pdf
Scan20250717{n}.pdf
IMG_{n}.heic
Screenshot 20250716-{n}
phone 0412 {n}
call 1300 {n}
Tel {n}
mobile: 0400 {n}
fax {n}
ext {n} reception
ABN 12 {n} 789 search
ACN {n} search
BSB 082-{n}
BSB 062-000 acct {n}
Account no. {n}
Account number {n} - ANZ
Bank statement acct {n}
PO Box {n} Melbourne
P.O. Box {n}
GPO Box {n}
Locked Bag {n} Parramatta
postcode {n}
Zip {n}
Windows 10.0.{n} update
Windows build {n} release notes
macOS 14.2 ({n})
version {n}
v2.{n} released
Release {n}.1
Inbox ({n} unread)
Inbox ({n}) - Outlook
Mail ({n})
({n}) Messenger
{n} unread messages
{n} results found
{n} items selected
{n} messages in Inbox
{n} files copied
{n} rows affected
{n} words
{n} views
Page {n} of 67000
Page 2 of {n}
{n} of {n} items
Document{n}
Book{n} - Excel
Order #{n} shipped
Order number {n}
Ticket #{n} closed
Ticket {n} - Freshdesk
Case #{n} - Microsoft Support
Meeting ID: {n} 123
Tracking number: {n}
Job {n} running
localhost:{n} - Chrome
192.168.1.10:{n}
10.0.0.{n}
http://example.org/{n}
https://www.example.com/news/{n}
example.org/a?b={n}
user{n}@example.org
{n} Sunset Boulevard
{n} Hume Highway
ISBN 978 0 {n} 12 3
doi 10.1093/{n}
{n} km
{n} MB
{n} bytes
{n}%
{n} hours
{n}ms
1,{n},000
12{n}34
4532 {n} 1234
1234-{n}-12
0x{n}
e{n}a
Level {n}
Room {n}
Flight {n}
SKU {n}
Model {n}
Serial number {n}
Policy number: {n}
Claim no {n}
Membership number {n}
Verification code {n}
PIN: {n}
Build #{n}
Pull request #{n}
issue #{n}
KB{n} update
RFC {n}
ISO {n}
Top {n} songs
{n} followers
{n} people viewing
Lot 3 DP {n}
Folio {n}
1/{n}
Stock price {n}.25
Nikkei 225 closes at {n}
ASX 200 at 8,{n}
Dow {n}
Population of {n}
Zoom - {n}
Slack ({n})
Postfach {n} Köln
Kundennummer {n}
Bestellnr. {n}
Auftragsnummer {n}
Vertragsnr. {n}
Steuernummer {n}
Tel.: {n}
Seite {n}
{n} Treffer
{n} Nachrichten
Numéro de facture {n}
Commande {n}
Réf. facture {n}
Pedido {n}
订单号 {n}
发票号 {n}
电话 {n}
"""

# Names of documents that begin or end with a word that stands for something else elsewhere.
NAMED_FORMS = """
Signed version {c}.docx
Final version {c} clean.docx
Term sheet {c}.docx
Time sheet {c}
Comparison table {c}.docx
Financial model {c}.xlsx
Signature page {c}.pdf
Execution page {c}
Cover page {c}.docx
Search results {c}.pdf
Client files {c}
Trust balance {c}.xlsx
Loss total {c}
Criminal Code {c} advice.docx
{c} GST advice.docx
{c} V Smith will.docx
{c} B Jones affidavit
Client ID {c}.pdf
Site photo {c}.jpg
Photo {c}
{c} comments on lease
{c} steps to settlement
{c} reviews of title
Letter by fax {c}.docx
Costs tracking {c}.xlsx
{c} High Street.docx
{c} Paris lease.docx
Costs quote {c}.docx
Fee quote {c}
Matter ID {c}
Matter code {c}
Case no. {c} judgment
Proceedings (Ref {c})
Smith P {c}
Screenshot {c} messages.png
Andersen Windows {c} supply agreement.docx
Examination question {c}.docx
Distribution channel {c}
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
    for forms, refused in ((MORE_FORMS, MORE_REFUSED), (LAST_FORMS, LAST_REFUSED), (NAMED_FORMS, "")):
        for i, form in enumerate(forms.strip("\n").split("\n")):
            code = rng.choice(listed if i % 2 == 0 else strange)
            out.append((form.replace("{c}", code), code, code if i % 2 == 0 else "-"))
        for form in filter(None, refused.strip("\n").split("\n")):
            out.append((form.replace("{n}", rng.choice(listed)), "-", "-"))
    for row in out:
        print("\t".join(row))


if __name__ == "__main__":
    main()
