import type { AdminPage, PersonLine } from '../../model/admin-view.ts'
import { html, type Html } from '../pages/html.ts'
import { counted, toDay } from '../pages/words.ts'
import type { AdminView } from './view.ts'

const lineView = (person: PersonLine): Html => {
  const { userId, handle, permission, since, followers, following, movedTo } = person
  return html`<li>
    <div class="line">
      <p class="what">${handle}</p>
      <span class="tag ${permission === 'none' && 'bad'}">${permission}</span>
    </div>
    <p>${userId}</p>
    <p class="fine">
      ${counted(followers, 'follower', 'followers')}, follows ${following}, here since
      ${toDay(since)}
    </p>
    ${movedTo !== undefined && html`<p>Has moved to ${movedTo}</p>`}
  </li>`
}

/** People of this server who are on the fediverse. */
export function peopleView(
  { items, next }: AdminPage<PersonLine, string>,
  isFirst: boolean,
): AdminView {
  return {
    title: 'People',
    main: html`<p>
        Who of this server is on the fediverse, by name, and what they may do: that stands in the
        configuration, under <code>permissions</code>.
      </p>
      <h2 class="hidden">List</h2>
      ${
        items.length === 0
          ? html`<p>${isFirst ? 'Nobody is yet.' : 'Nobody else is.'}</p>`
          : html`<ul class="list">
              ${items.map(lineView)}
            </ul>`
      }
      <nav class="pager" aria-label="Pages">
        ${!isFirst && html`<a href="/admin/people">From the beginning</a> `}
        ${
          next !== undefined &&
          html`<a href="/admin/people?after=${encodeURIComponent(next)}">More</a>`
        }
      </nav>`,
  }
}
