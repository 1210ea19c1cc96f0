/** What the admin page needs beside the look of all pages. Contrast as there. */
export const adminStyle = `
:root {
  --good: light-dark(#1d6b2f, #8fd8a0);
  --warn: light-dark(#7a5200, #f0c674);
  --k-delivery: light-dark(#0b6b5d, #63d3bf);
  --k-activity: light-dark(#3b5ba9, #9db8ff);
  --k-event: light-dark(#8a4fa3, #dba6f0);
  --k-upkeep: light-dark(#8c5a12, #e5b567);
}
main, header.site nav, footer.site p { max-width: 64rem; }
header.site { margin-bottom: .5rem; }
header.site nav { flex-wrap: wrap; gap: .2rem 1.1rem; justify-content: flex-start; }
.home { margin-right: .6rem; padding-block: .5rem; }
header.site a[aria-current] { font-weight: 650; box-shadow: inset 0 -3px var(--accent); }
header.site form { margin-left: auto; }
h1 { margin-top: 1.1rem; }
h2 { margin-top: 1.75rem; }
h3 { font-size: 1.05rem; margin: 1.3rem 0 .6rem; }
.tabs { margin: 0 0 .7rem; }

button, .sure > summary {
  font: inherit; font-weight: 600; font-size: .9375rem; line-height: 1.4; cursor: pointer; color: var(--ink); background: var(--card);
  border: 1px solid var(--soft); border-radius: .5rem; padding: .4rem .9rem; min-height: 2.5rem;
}
button:hover, .sure > summary:hover { background: var(--tint); }
button.main { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
button.bad { color: var(--ground); background: var(--bad); border-color: var(--bad); }
button.plain { border-color: transparent; background: none; color: var(--accent); padding-inline: .4rem; }
.sure > summary { list-style: none; display: inline-flex; align-items: center; width: fit-content; }
.sure > summary::-webkit-details-marker { display: none; }
.sure[open] > summary { background: var(--tint); }
.sure > form { margin-top: .6rem; border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; background: var(--ground); }
.sure form p { margin: 0 0 .7rem; }
.sure + .list, .sure + h2 + .list { margin-top: .9rem; }
.acts { display: flex; flex-wrap: wrap; align-items: flex-start; gap: .5rem; margin-top: .7rem; }
.acts .sure[open] { flex-basis: 100%; order: 1; }

.notice { border-left: 4px solid var(--accent); background: var(--tint); border-radius: .4rem; padding: .7rem 1rem; margin: .9rem 0; }
.notice.bad { border-color: var(--bad); }
.notice p:last-child { margin: 0; }
.alerts { list-style: none; padding: 0; margin: 0 0 1rem; display: grid; gap: .5rem; }
.alerts li { border: 1px solid var(--line); border-left: 4px solid var(--warn); border-radius: .5rem; background: var(--card); padding: .6rem .9rem; }
.alerts .bad { border-left-color: var(--bad); }
.alerts .good { border-left-color: var(--good); }

.tiles { list-style: none; padding: 0; margin: 0 0 1rem; display: grid; gap: .7rem; grid-template-columns: repeat(auto-fit, minmax(min(13rem, 100%), 1fr)); }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: .8rem 1rem; }
.tiles h3 { font-size: .9375rem; margin: 0; color: var(--soft); font-weight: 600; display: flex; align-items: center; gap: .5rem; }
.tiles .big { font-size: 1.9rem; font-weight: 650; line-height: 1.25; margin: .15rem 0 .1rem; font-variant-numeric: tabular-nums; }
.tiles .fine { margin: 0; }
.dot { width: .8rem; height: .8rem; border-radius: .2rem; flex: none; }
.dot rect { fill: currentColor; }
.dot.delivery { color: var(--k-delivery); } .dot.activity { color: var(--k-activity); }
.dot.event { color: var(--k-event); } .dot.upkeep { color: var(--k-upkeep); }

.chart { margin: 0 0 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: .9rem 1rem; }
.chart svg.plot { display: block; width: 100%; height: auto; overflow: visible; }
.chart text { fill: var(--soft); font-size: 12px; }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart .area { fill-opacity: .3; stroke: none; }
.chart .edge { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
.chart .area.delivery { fill: var(--k-delivery); } .chart .edge.delivery { stroke: var(--k-delivery); }
.chart .area.activity { fill: var(--k-activity); } .chart .edge.activity { stroke: var(--k-activity); }
.chart .area.event { fill: var(--k-event); } .chart .edge.event { stroke: var(--k-event); }
.chart .area.upkeep { fill: var(--k-upkeep); } .chart .edge.upkeep { stroke: var(--k-upkeep); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; margin: .6rem 0 .4rem; font-size: .875rem; color: var(--soft); }
.legend li { display: inline-flex; align-items: center; gap: .45rem; }
.chart summary { cursor: pointer; padding: .4rem 0; font-size: .9375rem; }
.chart figcaption { font-size: .9375rem; margin-bottom: .6rem; }
.chart td, .chart th { padding: .25rem .8rem .25rem 0; font-size: .875rem; white-space: nowrap; }
.chart td { text-align: right; font-variant-numeric: tabular-nums; } .chart th[scope=col]:not(:first-child) { text-align: right; }
.chart .table { max-height: 22rem; overflow: auto; }

.list { list-style: none; padding: 0; margin: 0 0 1rem; display: grid; gap: .6rem; }
.list > li { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: .8rem 1rem; }
.list .what { font-weight: 600; margin: 0; }
.list p { margin: .15rem 0 0; }
.list .line { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .2rem 1rem; align-items: baseline; }
.tag { display: inline-block; font-size: .8125rem; font-weight: 600; border-radius: 1rem; padding: .05rem .65rem; background: var(--tint); color: var(--ink); }
.tag.bad { color: var(--bad); background: none; border: 1px solid var(--bad); }
.tag.good { color: var(--good); background: none; border: 1px solid var(--good); }
.facts-list { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.2rem; margin: 0 0 1rem; }
.facts-list dt { color: var(--soft); } .facts-list dd { margin: 0; min-width: 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }

.fields-form { display: grid; gap: .9rem; max-width: 34rem; }
.fields-form label, .fields-form legend { font-weight: 600; display: block; margin-bottom: .25rem; padding: 0; }
.fields-form fieldset { border: 0; margin: 0; padding: 0; }
.fields-form fieldset label { font-weight: 400; display: flex; gap: .6rem; align-items: flex-start; padding: .35rem 0; margin: 0; }
.fields-form input[type=radio], .fields-form input[type=checkbox] { width: 1.15rem; height: 1.15rem; margin: .2rem 0 0; flex: none; accent-color: var(--accent); }
.fields-form input[type=text], .fields-form textarea {
  width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft); border-radius: .5rem; padding: .5rem .7rem; min-height: 2.5rem;
}
.fields-form textarea { min-height: 5rem; font-family: ui-monospace, monospace; font-size: .875rem; }
.fields-form .fine { margin: .25rem 0 0; }
.door { max-width: 34rem; margin-inline: auto; padding-top: 1rem; }
.door .card { padding: 1.2rem 1.3rem; }
.door h2 { margin-top: 0; }
@media (max-width: 40rem) {
  .chart text { font-size: 25px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: .5rem; }
  .tiles li { padding: .7rem .8rem; }
  .facts-list { gap: .35rem .9rem; }
  header.site nav { gap: 0 .95rem; }
  .home { flex-basis: 60%; flex-grow: 1; }
  header.site form { order: -1; }
  header.site .home { order: -2; }
}
@media (forced-colors: active) {
  button.main, button.bad { color: ButtonText; background: ButtonFace; border: 2px solid; }
  .dot, .chart .area, .chart .edge { forced-color-adjust: none; } }
`
