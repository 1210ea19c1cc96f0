import type { AdminUser } from '../../model/admin-view.ts'
import { html, type Html } from '../pages/html.ts'
import { toWhole } from '../pages/layout.ts'
import { adminAssets } from './assets.ts'
import type { Notice } from './sessions.ts'

/** For whom a page is made. */
export type Viewer = {
  readonly user: AdminUser
  readonly csrf: string
  readonly notice?: Notice
}

export type AdminView = { readonly title: string; readonly main: Html }

const places = [
  ['/admin', 'Overview'],
  ['/admin/failed', 'Given up'],
  ['/admin/servers', 'Servers'],
  ['/admin/reports', 'Reports'],
  ['/admin/blocks', 'Blocks'],
  ['/admin/people', 'People'],
] as const

/** What the bot says, with its commands as such. */
const spoken = (line: string): Html =>
  html`${line.split('`').map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : part))}`

const noticeView = ({ text, isProblem }: Notice): Html =>
  html`<div class="notice ${isProblem && 'bad'}" role="status" tabindex="-1" autofocus>
    ${text.split('\n').map((line) => html`<p>${spoken(line)}</p>`)}
  </div>`

/** Whatever a form sends beside what its owner fills in. */
const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}" />`

export type ActForm = {
  readonly act: string
  readonly fields?: Readonly<Record<string, string>>
  readonly inside: Html
}

/** A form that does something. */
export const actForm = ({ csrf }: Viewer, { act, fields = {}, inside }: ActForm): Html =>
  html`<form method="post" action="/admin/do/${act}">
    ${hidden('csrf', csrf)}${Object.entries(fields).map(([name, value]) => hidden(name, value))}
    ${inside}
  </form>`

/** The same behind a button that opens it: for what is not taken back as easily. */
export const sureForm = (
  viewer: Viewer,
  form: ActForm & { readonly open: Html; readonly about: string },
): Html =>
  html`<details class="sure">
    <summary>${form.open}</summary>
    ${actForm(viewer, {
      ...form,
      inside: html`<p>${form.about}</p>
        ${form.inside}`,
    })}
  </details>`

/** Of the same button of several things: which one it is about, for those who do not see where it stands. */
export const about = (what: string | number): Html => html`<span class="hidden"> ${what}</span>`

const isAt = (path: string, at: string): boolean =>
  path === '/admin' ? at === path : at.startsWith(path)

const iconOf = html`<img src="${adminAssets.iconPath}" alt="" width="28" height="28" />`

function headerOf(viewer: Viewer, at: string): Html {
  const links = places.map(
    ([path, name]) =>
      html`<a href="${path}" ${isAt(path, at) && html`aria-current="page"`}>${name}</a> `,
  )
  return html`<nav aria-label="Admin page">
    <a class="home" href="/admin">${iconOf}Footbridge</a>
    ${links}
    <form method="post" action="/admin/logout">
      ${hidden('csrf', viewer.csrf)}
      <button class="plain">Log out</button>
    </form>
  </nav>`
}

const robots = html`<meta name="robots" content="noindex, nofollow" />`

const whoOf = ({ userId, isMachine }: AdminUser): Html =>
  isMachine
    ? html`Logged in from the machine itself; what you do here is done as <b>${userId}</b>.`
    : html`Logged in as <b>${userId}</b>.`

/** A page for who is logged in; `at` is its path. */
export const toAdminDocument = ({ title, main }: AdminView, viewer: Viewer, at: string): string =>
  toWhole(
    {
      title: `${title} · Footbridge admin`,
      head: robots,
      header: headerOf(viewer, at),
      main: html`${viewer.notice && noticeView(viewer.notice)}
        <h1>${title}</h1>
        ${main}`,
      footer: html`<p>${whoOf(viewer.user)}</p>`,
    },
    adminAssets,
  )

/** A page for who is not. */
export const toDoorDocument = ({ title, main }: AdminView): string =>
  toWhole(
    {
      title: `${title} · Footbridge admin`,
      head: robots,
      header: html`<nav aria-label="Admin page">
        <a class="home" href="/admin">${iconOf}Footbridge</a>
      </nav>`,
      main: html`<div class="door">
        <h1>${title}</h1>
        ${main}
      </div>`,
    },
    adminAssets,
  )
