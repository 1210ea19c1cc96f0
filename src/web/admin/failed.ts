import type { AdminPage, FailedDetail, FailedLine } from '../../model/admin-view.ts'
import { jobNames } from '../../model/job-names.ts'
import { html, type Html } from '../pages/html.ts'
import { toMinute } from '../pages/words.ts'
import { about, actForm, sureForm, type AdminView, type Viewer } from './view.ts'

const actsOf = ({ id }: FailedLine, viewer: Viewer): Html =>
  html`<div class="acts">
    ${actForm(viewer, {
      act: 'retry',
      fields: { id: String(id) },
      inside: html`<button>Try again${about(id)}</button>`,
    })}
    ${sureForm(viewer, {
      act: 'drop',
      fields: { id: String(id) },
      open: html`Forget it${about(id)}`,
      about: 'It will never be done, and nobody is told.',
      inside: html`<button class="bad">Forget ${id} for good</button>`,
    })}
  </div>`

const lineView = (job: FailedLine, viewer: Viewer): Html =>
  html`<li>
    <div class="line">
      <p class="what"><a href="/admin/failed/${job.id}">${job.id}</a>: ${job.aim}</p>
      <span class="fine">${toMinute(job.failedAt)}</span>
    </div>
    <p>${job.reason}</p>
    ${actsOf(job, viewer)}
  </li>`

/** What was given up. */
export function failedView(
  { items, next }: AdminPage<FailedLine, number>,
  viewer: Viewer,
  isFirst: boolean,
): AdminView {
  if (items.length === 0)
    return {
      title: 'Given up',
      main: html`<p>Nothing ${isFirst ? '' : 'older '}was given up.</p>`,
    }
  return {
    title: 'Given up',
    main: html`<p>
        What failed for good, the newest first. What is tried again comes after what waits in its
        order.
      </p>
      ${
        isFirst &&
        sureForm(viewer, {
          act: 'retry-all',
          open: html`Try all again`,
          about: 'Up to 500 at a time, in the order in which they came.',
          inside: html`<button class="main">Try all of it again</button>`,
        })
      }
      <h2 class="hidden">List</h2>
      <ul class="list">
        ${items.map((job) => lineView(job, viewer))}
      </ul>
      <nav class="pager" aria-label="Pages">
        ${!isFirst && html`<a href="/admin/failed">Newest</a> `}
        ${next !== undefined && html`<a href="/admin/failed?before=${next}">Older</a>`}
      </nav>`,
  }
}

/** One of them, and all that is known of why. */
export function failedDetailView(job: FailedDetail, viewer: Viewer): AdminView {
  const { id, kind, aim, addedAt, failedAt, attempts, error } = job
  const tries = attempts === 0 ? 'at the first try' : `after ${attempts} failed tries`
  return {
    title: `Given up: ${id}`,
    main: html`<dl class="facts-list">
        <dt>What</dt>
        <dd>${aim}</dd>
        <dt>Kind</dt>
        <dd>${jobNames[kind]}</dd>
        <dt>Waited since</dt>
        <dd>${toMinute(addedAt)}</dd>
        <dt>Given up</dt>
        <dd>${toMinute(failedAt)}, ${tries}</dd>
      </dl>
      <h2>Why</h2>
      <pre><code>${error}</code></pre>
      ${actsOf(job, viewer)}
      <p class="fine"><a href="/admin/failed">Everything that was given up</a></p>`,
  }
}
