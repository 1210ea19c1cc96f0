import type {
  AdminPage,
  ReportDetail,
  ReportedAccount,
  ReportLine,
} from '../../model/admin-view.ts'
import { html, type Html } from '../pages/html.ts'
import { toMinute } from '../pages/words.ts'
import { about, actForm, sureForm, type AdminView, type Viewer } from './view.ts'

const closeForm = (number: number, viewer: Viewer): Html =>
  actForm(viewer, {
    act: 'resolve',
    fields: { number: String(number) },
    inside: html`<button>Close${about(`report ${number}`)}</button>`,
  })

const lineView = ({ number, at, about: what }: ReportLine, viewer: Viewer): Html =>
  html`<li>
    <div class="line">
      <p class="what"><a href="/admin/reports/${number}">Report ${number}</a></p>
      <span class="fine">${toMinute(at)}</span>
    </div>
    <p>${what}</p>
    <div class="acts">${closeForm(number, viewer)}</div>
  </li>`

/** Those that nobody has closed. */
export function reportsView(
  { items, next }: AdminPage<ReportLine, number>,
  viewer: Viewer,
  page: number,
): AdminView {
  if (items.length === 0)
    return { title: 'Reports', main: html`<p>No ${page > 1 ? 'other ' : ''}report is open.</p>` }
  return {
    title: 'Reports',
    main: html`<p>
        Complaints of other servers about people here, and of people here about others, the newest
        first.
      </p>
      <h2 class="hidden">List</h2>
      <ul class="list">
        ${items.map((report) => lineView(report, viewer))}
      </ul>
      <nav class="pager" aria-label="Pages">
        ${page > 1 && html`<a href="/admin/reports?page=${page - 1}">Newer</a> `}
        ${next !== undefined && html`<a href="/admin/reports?page=${next}">Older</a>`}
      </nav>`,
  }
}

function suspension({ handle, id, isSuspended }: ReportedAccount, number: number, viewer: Viewer) {
  const fields = { account: id, report: String(number) }
  if (isSuspended)
    return html`<p><span class="tag bad">Suspended</span></p>
      <div class="acts">
        ${actForm(viewer, {
          act: 'unsuspend',
          fields,
          inside: html`<button>Let it come again${about(handle)}</button>`,
        })}
      </div>`
  return html`<div class="acts">
    ${sureForm(viewer, {
      act: 'suspend',
      fields,
      open: html`Suspend${about(handle)}`,
      about: `${handle} is kept away from everybody here, what is here of it is removed, and follows in both directions end.`,
      inside: html`<button class="bad">Suspend it</button>`,
    })}
  </div>`
}

const accountView = (account: ReportedAccount, number: number, viewer: Viewer): Html =>
  html`<li>
    <p class="what">${account.handle}</p>
    ${
      account.userId === undefined
        ? suspension(account, number, viewer)
        : html`<p>
            ${account.userId}, of this server: what they may do stands in the configuration, under
            <code>permissions</code>.
          </p>`
    }
  </li>`

function stateOf({ number, resolved }: ReportDetail, viewer: Viewer): Html {
  if (resolved === undefined) return html`<div class="acts">${closeForm(number, viewer)}</div>`
  // Whoever had themselves forgotten is not known any more.
  const who = resolved.by === '' ? '' : ` by ${resolved.by}`
  return html`<p>Closed${who} on ${toMinute(resolved.at)}.</p>`
}

/** One of them, with all that may be shown of it. */
export function reportView(report: ReportDetail, viewer: Viewer): AdminView {
  const { number, at, from, said, accounts, posts, isCut } = report
  return {
    title: `Report ${number}`,
    main: html`<p>From ${from}, on ${toMinute(at)}.</p>
      ${stateOf(report, viewer)}
      <h2>What they say</h2>
      ${
        said.length === 0
          ? html`<p>They gave no reason.</p>`
          : html`<blockquote>${said.map((line) => html`<p>${line}</p>`)}</blockquote>`
      }
      <h2>Accounts</h2>
      <ul class="list">
        ${accounts.map((account) => accountView(account, number, viewer))}
      </ul>
      ${
        posts.length > 0 &&
        html`<h2>Posts</h2>
          <ul class="facts">
            ${posts.map((post) => html`<li>${post}</li>`)}
          </ul>`
      }
      ${isCut && html`<p>It names more than can be shown here.</p>`}
      <p class="fine"><a href="/admin/reports">All open reports</a></p>`,
  }
}
