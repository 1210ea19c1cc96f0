import type { AdminServers, ServerLine } from '../../model/admin-view.ts'
import { lengthOf } from '../../model/lengths.ts'
import { html, type Html } from '../pages/html.ts'
import { counted, toMinute } from '../pages/words.ts'
import type { AdminView } from './view.ts'

function healthOf({ failing }: ServerLine, now: number): Html {
  if (failing === undefined) return html`<span class="tag good">Answers</span>`
  return html`<span class="tag bad">Failing for ${lengthOf(now - failing.since)}</span>`
}

/** What becomes of what waits for it. */
function outlookOf({ failing, host }: ServerLine, now: number): Html {
  if (failing === undefined) return html``
  const { days, nextTry } = failing
  const next =
    nextTry > now ? `Next try: ${toMinute(nextTry)}.` : 'It is tried at the next occasion.'
  const failed =
    days > 1 && host !== '' ? ` Failed on ${days} days; after seven, what waits is dropped.` : ''
  return html`<p class="fine">${next}${failed}</p>`
}

const waitOf = (
  { count, oldest }: { readonly count: number; readonly oldest: number },
  { way, now }: { readonly way: string; readonly now: number },
): Html =>
  html`<p>${counted(count, 'piece', 'pieces')} ${way}, the oldest for ${lengthOf(now - oldest)}</p>`

const severities = { suspend: 'Blocked', silence: 'Silenced', none: 'In part' } as const

function lineView(server: ServerLine, now: number): Html {
  const { host, software, outgoing, incoming, block } = server
  return html`<li>
    <div class="line">
      <p class="what">${host === '' ? 'Your homeserver' : host}</p>
      <span>
        ${block !== undefined && html`<span class="tag">${severities[block.severity]}</span> `}
        ${healthOf(server, now)}
      </span>
    </div>
    ${software !== undefined && html`<p class="fine">${software}</p>`}
    ${outgoing && waitOf(outgoing, { way: 'to send there', now })}
    ${incoming && waitOf(incoming, { way: 'from there to do', now })} ${outlookOf(server, now)}
  </li>`
}

/** Servers that something waits for, and those that fail. */
export function serversView({ now, servers }: AdminServers): AdminView {
  return {
    title: 'Servers',
    main: html`<p>
        Servers that fail, the longest first, and those that something waits for. What waits is
        tried again by itself; a server that sends something is taken to be well.
      </p>
      <h2 class="hidden">List</h2>
      ${
        servers.length === 0
          ? html`<p>Every server answers, and nothing waits for any.</p>`
          : html`<ul class="list">
              ${servers.map((server) => lineView(server, now))}
            </ul>`
      }`,
  }
}
