import type { DomainBlock } from '../../model/domain-block.ts'
import { html, webLink, type Html } from './html.ts'
import type { About, BlockedServer, PageDeps } from './reads.ts'
import { counted } from './words.ts'

const day = 86_400_000

function operatorView({ operator, contact }: About): Html {
  const isMail = contact !== undefined && /^[^\s@:/]+@[^\s@:/]+$/.test(contact)
  const link = isMail ? `mailto:${contact}` : webLink(contact)
  const reached =
    contact !== undefined &&
    html`<p>
      Questions and complaints go to
      ${link === undefined ? contact : html`<a href="${link}">${contact}</a>`}.
    </p>`
  return html`<h2 id="operator">Who runs it</h2>
    <p>${operator ?? 'Whoever runs this server has not said who they are.'}</p>
    ${reached}`
}

const rulesView = ({ rules }: About): Html =>
  html`${
    rules.length > 0 &&
    html`<h2 id="rules">Rules</h2>
      <ol class="facts">
        ${rules.map((rule) => html`<li>${rule}</li>`)}
      </ol>`
  }`

function dataView({ serverName, pruneAfter }: PageDeps): Html {
  const forgotten =
    pruneAfter === undefined
      ? 'It is kept until it is deleted there.'
      : `What nobody here has used for ${counted(Math.round(pruneAfter / day), 'day', 'days')} is forgotten.`
  return html`<h2 id="data">What it keeps, and for how long</h2>
    <ul class="facts">
      <li>
        <b>Of people here</b> (who use it from Matrix): Matrix address, name, picture, profile,
        settings, when they first came, whom they follow and block, and what they published, each
        until they change or delete it.
      </li>
      <li>
        <b>Of accounts on other servers</b>: address, name, the text of their profile, and which of
        their posts stand in rooms here. ${forgotten}
      </li>
      <li>
        <b>Posts of other servers</b> stand in rooms of the Matrix server ${serverName}, which keeps
        them as it keeps any message. A post that its author deletes is deleted there too.
      </li>
      <li>
        <b>Reports</b>, with what they name and what was done about them, for those who moderate:
        until half a year after they were closed.
      </li>
      <li>
        <b>Bans</b>: accounts, servers and rooms that whoever moderates keeps away, or lists that
        they follow, with the reasons, for as long as it holds.
      </li>
      <li>
        <b>What is on its way</b>, until it has arrived; that it has arrived, without its text, for
        30 days. What could not be delivered stays until whoever runs the server has looked at it.
      </li>
      <li>
        <b>Logs</b> of what was done, by the ids of messages, rooms, accounts and servers, without
        what people wrote. Whoever runs the server decides how long they are kept.
      </li>
      <li>
        <b>Of visitors of these pages</b>: nothing. There are no cookies and no scripts; the web
        server in front of them may keep a log. What you write into the field beside a button is
        used once, to find your server.
      </li>
    </ul>`
}

function optOutView({ bot, publicUrl }: PageDeps): Html {
  const { host } = new URL(publicUrl)
  return html`<h2 id="opt-out">How to opt out</h2>
    <p>
      <b>On the fediverse:</b> block the account of here that follows you or writes to you. To be
      left alone by everybody here, write <code>stop</code> to <b>@${host}@${host}</b> or block it,
      or put <code>#nobridge</code> into your profile. It holds at once: what is here of you is
      removed, and nothing from here reaches you. What you delete is deleted here.
    </p>
    <p>
      <b>On Matrix:</b> nobody is on the fediverse without an act of their own, and whoever has not
      asked for a page has only a signpost here: a name, an address and how to follow it. Write to
      ${bot}: <code>settings web_page off</code> takes your page away,
      <code>profile indexable off</code> keeps search engines out, <code>export</code> gives you all
      that is kept of you, and <code>forget-me</code> deletes it here and asks every server that got
      something to do the same.
    </p>`
}

const kept: Readonly<Record<DomainBlock['severity'], string>> = {
  suspend: 'Nothing comes from it, and nothing goes to it.',
  silence: 'Its people reach only those who follow them.',
  none: '',
}

/** Enough to recognise it by, for those who know it: its end, and of what is before every other letter. */
export function obfuscated(domain: string): string {
  const dot = domain.lastIndexOf('.')
  const [name, end] = dot < 1 ? [domain, ''] : [domain.slice(0, dot), domain.slice(dot)]
  return name.replace(/([^.])[^.]/g, '$1*') + end
}

/** Servers on one page. */
const perPage = 200

/** A page of them, from 1; a number that is none of the pages means the nearest one. */
function pagerView(page: number, pages: number): Html {
  const link = (to: number, words: string, rel: string): Html =>
    html`<a rel="${rel}" href="/about?blocked=${String(to)}#blocked">${words}</a>`
  return html`<nav class="pager" aria-label="Pages of servers">
    ${page > 1 && link(page - 1, 'Before', 'prev')} <span>Page ${page} of ${pages}</span>
    ${page < pages && link(page + 1, 'More', 'next')}
  </nav>`
}

function blockedView(
  blocked: readonly BlockedServer[],
  asked: number,
  { blockedServers }: About,
): Html {
  if (blockedServers === 'hidden') return html``
  const row = (server: BlockedServer): Html => {
    const { domain, severity, rejectsMedia, isObfuscated, publicComment } = server
    const isInPart = blockedServers === 'obfuscated' || isObfuscated === true
    const words = [
      kept[severity],
      rejectsMedia && severity !== 'suspend' && 'No pictures and files of it are taken.',
    ]
    return html`<tr>
      <td>${isInPart ? obfuscated(domain) : domain}</td>
      <td>${words.filter(Boolean).join(' ')}</td>
      ${hasComments && html`<td>${publicComment ?? ''}</td>`}
    </tr>`
  }
  // What is only about reports is nobody's affair but that of who moderates.
  const rows = blocked.filter(({ severity, rejectsMedia }) => severity !== 'none' || rejectsMedia)
  const hasComments = rows.some(({ publicComment }) => publicComment !== undefined)
  const pages = Math.max(1, Math.ceil(rows.length / perPage))
  const page = Math.min(Math.max(1, asked), pages)
  return html`<h2 id="blocked">Servers that are kept away</h2>
    ${
      rows.length === 0
        ? html`<p>None.</p>`
        : html`<div class="table">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Server</th>
                    <th scope="col">What that means</th>
                    ${hasComments && html`<th scope="col">Why</th>`}
                  </tr>
                </thead>
                <tbody>
                  ${rows.slice((page - 1) * perPage, page * perPage).map(row)}
                </tbody>
              </table>
            </div>
            ${pages > 1 && pagerView(page, pages)}`
    }`
}

/**
 * Who runs the server, by which rules, what it keeps, how to opt out, and whom it keeps away: of a long
 * list of these that page, from 1.
 */
export function aboutPage(blocked: readonly BlockedServer[], page: number, deps: PageDeps): Html {
  const { about, publicUrl, serverName } = deps
  return html`<h1>About ${new URL(publicUrl).host}</h1>
    <p>
      This server joins the Matrix server ${serverName} with the fediverse (Mastodon, Pixelfed,
      PeerTube and many others): people on both sides follow each other and talk, each from where
      they have their account.
    </p>
    ${operatorView(about)} ${rulesView(about)} ${dataView(deps)} ${optOutView(deps)}
    ${blockedView(blocked, page, about)}`
}
