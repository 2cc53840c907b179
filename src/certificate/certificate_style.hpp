// How certificate.html looks, on screen and on paper. Verdicts differ in shape and words as well as in colour: they are read in black and
// white, too.
#pragma once

#include <string_view>

namespace chimplift {

inline constexpr std::string_view kCertificateStyle = R"css(
:root { --ink: #1b1d1f; --quiet: #5d646b; --line: #d5d9dd; --faint: #f5f6f7; --tone: #1b1d1f; }
* { box-sizing: border-box; }
html { font: 15px/1.5 -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  color: var(--ink); background: #fff; -webkit-text-size-adjust: 100%; }
body { margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 3rem 2rem 4rem; }
h1, h2, h3, p, dl, ul, table, pre { margin: 0; }
.kind { font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--quiet); }
h1 { font-size: 2.1rem; line-height: 1.2; font-weight: 600; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; font-weight: 600; margin: 2.8rem 0 .7rem; padding-bottom: .3rem; border-bottom: 1px solid var(--ink); }
h3 { font-size: .95rem; font-weight: 600; margin: 1.4rem 0 .35rem; overflow-wrap: anywhere; }
h3 small, h2 small { font-size: .85em; font-weight: 400; color: var(--quiet); }
h3.reason::first-letter { text-transform: uppercase; }
.lead { margin: 0 0 .8rem; }

.verdict { display: grid; grid-template-columns: auto 1fr; gap: 0 1.4rem; margin: 1.6rem 0 2rem; padding: 1.3rem 1.6rem 1.4rem;
  border: 2px solid var(--tone); }
.verdict .mark { grid-row: span 3; width: 3.2rem; height: 3.2rem; margin-top: .15rem; fill: none; stroke: var(--tone); stroke-width: 2.6; }
.verdict .word { font-size: 1.9rem; line-height: 1.2; font-weight: 600; color: var(--tone); letter-spacing: -.01em; }
.verdict .means { margin-top: .5rem; }
.verdict .todo { margin-top: .4rem; }
.safe { --tone: #1d6b3d; }
.exceptions { --tone: #8a5a00; border-style: double; border-width: 6px; }
.unsafe { --tone: #a3201d; border-width: 6px; }
.test { --tone: #5d646b; border-style: dashed; }

.facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.6rem; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.hash, code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: .86em; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--faint); border-left: 3px solid var(--line); padding: .55rem .8rem;
  line-height: 1.45; }
pre span { display: inline-block; max-width: 100%; }
.closes { margin: .2rem 0 .5rem; break-after: avoid; }
.closes p { color: var(--quiet); font-size: .86rem; }
.summary { padding-left: 1.1rem; }
.summary li { margin: .2rem 0; }

table { width: 100%; border-collapse: collapse; font-size: .88rem; line-height: 1.4; }
th, td { text-align: left; vertical-align: top; padding: .26rem .7rem .26rem 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-weight: 500; color: var(--quiet); border-bottom-color: var(--ink); vertical-align: bottom; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.n + td:not(.n), th.n + th:not(.n) { padding-left: .5rem; }
.scroll { overflow-x: auto; }
.id { overflow-wrap: anywhere; }
.agrees { min-width: 13rem; }
a { color: inherit; }
.findings { table-layout: fixed; }
.findings th:first-child { width: 42%; }
.step th { font-weight: 600; padding-top: .95rem; border-bottom-color: var(--ink); }
.dim td { color: var(--quiet); }
.bad { font-weight: 600; color: #a3201d; }
.more, .note { color: var(--quiet); font-size: .88rem; margin-top: .4rem; }
.says { color: var(--quiet); }

.end { break-inside: avoid; }
.signature .says { margin-top: .5rem; overflow-wrap: anywhere; }
.signature { margin-top: 3rem; padding-top: 1.2rem; border-top: 1px solid var(--ink); }
.lines { display: grid; grid-template-columns: 3fr 3fr 2fr; gap: 0 2rem; margin-top: 3.4rem; }
.lines p { border-top: 1px solid var(--ink); padding-top: .3rem; font-size: .86rem; color: var(--quiet); }
footer { margin-top: 2.5rem; color: var(--quiet); font-size: .84rem; }

@media (max-width: 40rem) {
  main { padding: 1.5rem 1rem 3rem; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: .5rem; }
  .lines { grid-template-columns: 1fr; row-gap: 3rem; }
}

/* Where a table may be wider than the page, it scrolls in a box, and a shadow stands at the side where more of it is. */
@media screen and (max-width: 62rem) {
  .scroll { border: 1px solid var(--line); padding: 0 .7rem .4rem;
    background: linear-gradient(to right, #fff 40%, #fff0) left / 2.4rem 100% no-repeat local,
      linear-gradient(to left, #fff 40%, #fff0) right / 2.4rem 100% no-repeat local,
      linear-gradient(to right, #0003, #0000) left / .9rem 100% no-repeat scroll,
      linear-gradient(to left, #0003, #0000) right / .9rem 100% no-repeat scroll; }
  .scroll table { min-width: 40rem; }
}

@page { size: A4; margin: 17mm 16mm 19mm; }
@media print {
  html { font-size: 9.6pt; line-height: 1.42; }
  main { max-width: none; padding: 0; }
  h2, h3, .lead { break-after: avoid; }
  h2 { margin-top: 2rem; }
  .verdict, .facts, .summary li, tr, pre, .closes, .signature { break-inside: avoid; }
  .verdict, .facts, pre { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .step { break-inside: avoid; break-after: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  p { orphans: 3; widows: 3; }
}
)css";

}  // namespace chimplift
