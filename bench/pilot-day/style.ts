// The look of the day's page: one column that fits a phone, and colours for light and dark.
export const style = `
:root{color-scheme:light dark;--ink:#1c2330;--soft:#5c6675;--paper:#fbfaf7;--card:#fff;--rule:#e3e0d8;--demand:#1f5fbf;--band:#1f5fbf26;--median:#7aa5e3;--stayed:#c2571a;--served:#3c8c5a;--bound:#b3202f;--acted:#6b3fa0;--idle:#98a0ac}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8ec;--soft:#9aa4b2;--paper:#14171c;--card:#1b1f26;--rule:#2c323c;--demand:#6ea8ff;--band:#6ea8ff2b;--median:#4673b5;--stayed:#f09a5c;--served:#6fc490;--bound:#ff7583;--acted:#c19bff;--idle:#6d7684}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:62rem;margin:0 auto;padding:2.2rem 1.1rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .4rem;letter-spacing:-.01em}
h2{font-size:1.15rem;margin:2.4rem 0 .6rem}
p{margin:.4rem 0;max-width:46rem}
.soft{color:var(--soft);font-size:.9rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.7rem;margin:1.4rem 0}
.tile,.card{background:var(--card);border:1px solid var(--rule);border-radius:.6rem}
.tile{padding:.7rem .9rem}
.tile b{display:block;font-size:1.45rem;line-height:1.25;font-variant-numeric:tabular-nums;font-weight:600}
.tile span{color:var(--soft);font-size:.82rem;line-height:1.35;display:block}
.card{padding:.8rem .9rem .6rem;margin:.8rem 0}
.card h3{font-size:1rem;margin:0}.card h3 .soft{font-weight:400}.card p{max-width:none}.card b{color:var(--ink);font-weight:600}
.card .soft{margin:.1rem 0 .4rem}
svg{display:block;width:100%;height:auto;overflow:visible}
.grid{stroke:var(--rule);stroke-width:1;fill:none}
.axis{fill:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}
.band{fill:var(--band)}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.demand{stroke:var(--demand)}.median{stroke:var(--median);stroke-width:1.3;stroke-dasharray:2 3}
.stayed{stroke:var(--stayed);stroke-dasharray:6 4;stroke-width:1.5}.served{stroke:var(--served);stroke-width:1.2}
.bound{stroke:var(--bound);stroke-width:1.5;fill:none}
.failed{stroke:var(--bound)}.slow{stroke:var(--stayed)}.ended{stroke:var(--demand)}
.mark path{fill:var(--idle)}.mark .stem{stroke:var(--idle);stroke-width:1;stroke-dasharray:1 3;fill:none}
.mark.acted path{fill:var(--acted)}.mark.acted .stem{stroke:var(--acted);fill:none}
.key{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;font-size:.85rem;color:var(--soft);margin:.8rem 0 0;padding:0;list-style:none}
.key i{display:inline-block;width:1.5rem;height:0;border-top:3px solid;margin-right:.4rem;vertical-align:middle}
.key .k-band{height:.7rem;border:0;background:var(--band)}.key .k-demand{color:var(--demand)}.key .k-median{color:var(--median);border-top-style:dotted}
.key .k-stayed{color:var(--stayed);border-top-style:dashed}.key .k-served{color:var(--served)}.key .k-bound{color:var(--bound)}
.key .k-acted{width:0;border:5px solid transparent;border-bottom:9px solid var(--acted);border-top:0}
.key .k-idle{width:0;border:5px solid transparent;border-bottom:9px solid var(--idle);border-top:0}
.wide{overflow-x:auto;background:var(--card);border:1px solid var(--rule);border-radius:.6rem}
table{border-collapse:collapse;width:100%;font-size:.86rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.5rem .7rem;border-top:1px solid var(--rule)}
thead th{border-top:0;color:var(--soft);font-weight:500;white-space:nowrap}
td.n,th.n{text-align:right;white-space:nowrap}
td small{display:block;color:var(--soft);font-size:.8rem}
td:first-child small{white-space:nowrap}tr.idle td{color:var(--soft)}
.mark:hover path{stroke-width:2}
@media (max-width:40rem){.card{padding:.7rem .5rem .4rem}td,th{padding:.4rem .5rem}main{padding:1.3rem .7rem 3rem}h1{font-size:1.35rem}.axis{font-size:20px}
.steps thead{display:none}.steps tr{display:block;padding:.5rem 0;border-top:1px solid var(--rule)}.steps tr:first-child{border-top:0}.steps td{display:block;border:0;padding:.1rem .8rem;text-align:left}.steps td[data-h]::before{content:attr(data-h) " ";color:var(--soft)}}
`;
