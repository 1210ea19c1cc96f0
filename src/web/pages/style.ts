/**
 * The look of all pages, in one file: no font, no picture and no script of anybody else. Colours are
 * pairs of light and dark that keep a contrast of 4.5 to 1 at least (WCAG 2.2, 1.4.3).
 */
export const style = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f5f4f0, #14181b);
  --card: light-dark(#ffffff, #1d2327);
  --ink: light-dark(#1c2429, #e7ebed);
  --soft: light-dark(#555f66, #a3afb6);
  --line: light-dark(#dedbd2, #343d43);
  --accent: light-dark(#0b6b5d, #63d3bf);
  --on-accent: light-dark(#ffffff, #08211d);
  --tint: light-dark(#e4f0ed, #1f302e);
  --bad: light-dark(#a3231b, #ff9d94);
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere;
}
main, header.site nav, footer.site p { max-width: 41rem; margin-inline: auto; padding-inline: 1rem; }
main { padding-bottom: 2rem; }
main:focus { outline: none; }
a { color: var(--accent); text-underline-offset: .18em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .25rem; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
h1 { font-size: 1.7rem; margin: 1.5rem 0 .75rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
p { margin: 0 0 .8rem; }
code { font-size: .92em; background: var(--tint); border-radius: .25rem; padding: .1em .3em; }
pre { overflow-x: auto; background: var(--tint); border-radius: .5rem; padding: .75rem; }
pre code { padding: 0; background: none; }
blockquote { margin: 0 0 .8rem; padding-left: .9rem; border-left: 3px solid var(--line); color: var(--soft); }
img.emoji { width: 1.25em; height: 1.25em; object-fit: contain; vertical-align: -.22em; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; z-index: 1; background: var(--card); padding: .5rem 1rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.fine { color: var(--soft); font-size: .875rem; margin-bottom: .5rem; }

header.site { border-bottom: 1px solid var(--line); background: var(--card); margin-bottom: 1.25rem; }
header.site nav { display: flex; justify-content: space-between; align-items: center; gap: 1rem; padding-block: .6rem; }
header.site a { color: var(--ink); text-decoration: none; padding: .4rem 0; }
header.site a:hover { text-decoration: underline; }
.home { display: inline-flex; align-items: center; gap: .6rem; font-weight: 650; min-width: 0; }
footer.site { border-top: 1px solid var(--line); color: var(--soft); font-size: .875rem; padding-block: 1.25rem; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: .9rem; padding: 1rem 1.1rem; margin: 0 0 .8rem; }
.card > :last-child, .words > :last-child { margin-bottom: 0; }
.card.elsewhere { background: none; border-style: dashed; padding-block: .7rem; }

.profile { padding: 0; overflow: hidden; }
.banner { aspect-ratio: 3 / 1; width: 100%; display: block; object-fit: cover; background: linear-gradient(120deg, #0b6b5d, #2a8f9d 55%, #e0b35a); }
.banner.plain { aspect-ratio: auto; height: 6.5rem; }
.profile .inside { padding: 0 1.25rem 1.25rem; }
.profile .top { display: flex; justify-content: space-between; align-items: flex-end; gap: 1rem; margin-top: -2.9rem; }
.profile .avatar { width: 6rem; height: 6rem; border: 4px solid var(--card); border-radius: 1.5rem; font-size: 2.6rem; }
.profile h1 { margin: .6rem 0 0; font-size: 1.55rem; }
.handle { color: var(--soft); }
.profile p.handle { margin-bottom: .9rem; }
.marks { display: flex; flex-wrap: wrap; gap: .4rem; list-style: none; padding: 0; margin: 0 0 .8rem; }
.marks li { background: var(--tint); border-radius: 1rem; padding: .1rem .7rem; font-size: .8125rem; }
.fields { margin: 0 0 1rem; border: 1px solid var(--line); border-radius: .6rem; }
.fields div { display: grid; grid-template-columns: minmax(6rem, 30%) 1fr; gap: .75rem; padding: .5rem .8rem; }
.fields div + div { border-top: 1px solid var(--line); }
.fields dt { color: var(--soft); font-size: .875rem; line-height: 1.7; }
.fields dd { margin: 0; min-width: 0; }
.numbers { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; list-style: none; padding: 0; margin: 0 0 1rem; color: var(--soft); font-size: .9375rem; }
.numbers b { color: var(--ink); }

.button, .remote button, .remote summary {
  display: inline-block; font: inherit; font-weight: 650; cursor: pointer; text-decoration: none;
  color: var(--on-accent); background: var(--accent); border: 0; border-radius: .6rem; padding: .6rem 1.3rem; min-height: 2.75rem; line-height: 1.5;
}
.remote summary { list-style: none; }
.remote summary::-webkit-details-marker { display: none; }
.remote[open] summary { background: var(--tint); color: var(--ink); }
.remote form { margin-top: .9rem; }
.remote label { display: block; font-weight: 600; margin-bottom: .35rem; }
.remote .line { display: flex; flex-wrap: wrap; gap: .6rem; margin-bottom: .6rem; }
.remote input { flex: 1 1 14rem; min-width: 0; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: .6rem; padding: .55rem .8rem; min-height: 2.75rem; }
.remote input[aria-invalid] { border-color: var(--bad); }
.problem { color: var(--bad); font-weight: 600; }

.tabs, .pager { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1.25rem 0 .8rem; padding: 0 .25rem; }
.tabs a, .pager a { padding: .45rem 0; color: var(--soft); text-decoration: none; font-weight: 600; }
.tabs a:hover, .pager a:hover { text-decoration: underline; }
.tabs a[aria-current] { color: var(--ink); border-bottom: 3px solid var(--accent); }
.pager { justify-content: space-between; }
.pager a { color: var(--accent); }

.by { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: .3rem 1rem; margin-bottom: .7rem; }
.by a { color: inherit; text-decoration: none; }
.by .p-author { display: flex; align-items: center; gap: .7rem; min-width: 0; }
.by .p-author:hover b, .by .when:hover { text-decoration: underline; }
.by .handle { display: block; font-size: .875rem; line-height: 1.3; }
.by b { line-height: 1.3; }
.by .when { color: var(--soft); font-size: .875rem; padding: .25rem 0; }
.avatar { flex: none; width: 2.75rem; height: 2.75rem; border-radius: .75rem; object-fit: cover; background: var(--tint); }
.letter { display: grid; place-items: center; font-weight: 700; font-size: 1.2rem; line-height: 1; color: var(--accent); }
.words { margin-bottom: .6rem; }
.words ul, .words ol { padding-left: 1.4rem; margin: 0 0 .8rem; }
.whole .words { font-size: 1.15rem; }
.pin { font-weight: 600; }
.counts { margin-top: .6rem; }
.warning { border: 1px solid var(--line); border-radius: .6rem; margin: .5rem 0; }
.warning > summary { cursor: pointer; padding: .65rem .9rem; font-weight: 600; }
.warning[open] > summary { border-bottom: 1px solid var(--line); margin-bottom: .8rem; }
.warning > :not(summary) { margin-inline: .9rem; }
.media { display: grid; gap: .4rem; margin: .7rem 0; }
.media.many { grid-template-columns: 1fr 1fr; }
.media .file { display: block; border-radius: .6rem; overflow: hidden; max-width: 100%; }
.media img, .media video { display: block; width: 100%; height: auto; max-height: 34rem; object-fit: contain; background: var(--tint); }
.media.many img, .media.many video { aspect-ratio: 4 / 3; height: 100%; object-fit: cover; }
.media .sound { width: 100%; }
.media .paper { border: 1px solid var(--line); padding: .7rem .9rem; }
.poll { list-style: none; padding: 0; margin: .6rem 0; }
.poll li { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; margin-bottom: .5rem; }
.poll .share { color: var(--soft); }
.poll meter { grid-column: 1 / -1; width: 100%; height: .6rem; border: 0; border-radius: .3rem; background: var(--tint); }
.poll meter::-webkit-meter-bar { height: .6rem; background: var(--tint); border: 0; border-radius: .3rem; }
.poll meter::-webkit-meter-optimum-value { background: var(--accent); border-radius: .3rem; }
.poll meter::-moz-meter-bar { background: var(--accent); border-radius: .3rem; }

.hero { padding: 1.5rem 0 .5rem; }
.hero h1 { font-size: 2.1rem; margin: 0 0 .6rem; }
.hero p { font-size: 1.125rem; color: var(--soft); }
.ways { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); }
.ways .card { margin: 0; }
.ways h2 { margin: 0 0 .5rem; }
.ways ol { margin: 0; padding-left: 1.25rem; }
.ways li + li { margin-top: .4rem; }
.facts li { margin-bottom: .5rem; }
.facts { padding-left: 1.25rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem .8rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { min-width: 11rem; }
th { color: var(--soft); font-size: .875rem; }

@media (max-width: 30rem) {
  main { padding-inline: .6rem; }
  .card { padding: .9rem; border-radius: .75rem; }
  .profile { padding: 0; }
  .profile .inside { padding: 0 .9rem .9rem; }
  .profile .top { margin-top: -2.2rem; }
  .profile .avatar { width: 5rem; height: 5rem; border-radius: 1.25rem; }
  .fields div { grid-template-columns: 1fr; gap: 0; }
  .by .when { padding-left: 3.45rem; margin-top: -.35rem; }
  .hero h1 { font-size: 1.7rem; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media (forced-colors: active) { .button, .remote button, .remote summary { border: 2px solid; } }
@media print { header.site, footer.site, .remote, .tabs, .pager, .skip { display: none; } body { background: none; } }
`
