import type { AdminOverview, AdminSamples } from '../../model/admin-view.ts'
import { jobNames } from '../../model/job-names.ts'
import type { KindDepth } from '../../model/job.ts'
import { lengthOf } from '../../model/lengths.ts'
import { sizeOf } from '../../model/sizes.ts'
import { html, type Html } from '../pages/html.ts'
import { counted, grouped } from '../pages/words.ts'
import { chartView, dotOf, periods } from './chart.ts'
import type { AdminView } from './view.ts'

/** What an admin has to know, the worst first; that all is well where it is. */
function alertsOf(overview: AdminOverview): Html {
  const { now, depths, openReports, failingHosts } = overview
  const { homeserverFailingSince: home, publicSideDownSince: down } = overview
  const failed = depths.reduce((sum, depth) => sum + depth.failed, 0)
  const alerts = [
    home !== undefined &&
      html`<li class="bad">
        <b>The homeserver has not answered for ${lengthOf(now - home)}.</b> What is for it waits,
        and nothing is lost. <code>footbridge doctor</code> says what to mend.
      </li>`,
    down !== undefined &&
      html`<li class="bad">
        <b>Other servers may not have reached this one for ${lengthOf(now - down)}.</b>
        <code>footbridge doctor</code> says what to mend.
      </li>`,
    failed > 0 &&
      html`<li class="bad">
        <a href="/admin/failed"
          >${counted(failed, 'piece of work was', 'pieces of work were')} given up</a
        >
      </li>`,
    openReports > 0 &&
      html`<li>
        <a href="/admin/reports">${counted(openReports, 'report is', 'reports are')} open</a>
      </li>`,
    failingHosts > 0 &&
      html`<li>
        <a href="/admin/servers">${counted(failingHosts, 'server does', 'servers do')} not answer</a
        >; what waits there is tried again by itself.
      </li>`,
  ].filter((alert) => alert !== false)
  return html`<ul class="alerts">
    ${
      alerts.length > 0
        ? alerts
        : html`<li class="good">
            All is well: nothing was given up, no report is open, and every server answers.
          </li>`
    }
  </ul>`
}

function tileOf(depth: KindDepth, now: number): Html {
  const { kind, waiting, failed, oldest, planned = 0 } = depth
  const age =
    oldest === undefined ? 'Nothing waits.' : `The oldest has waited ${lengthOf(now - oldest)}.`
  return html`<li>
    <h3>${dotOf(kind)}${jobNames[kind]}</h3>
    <p class="big">${grouped(waiting)}</p>
    <p class="fine">
      ${age}${planned > 0 && ` ${grouped(planned)} for later.`}${failed > 0 && ` ${grouped(failed)} given up.`}
    </p>
  </li>`
}

function factsOf({ facts, now, people }: AdminOverview): Html {
  const { version, startedAt, memory, databaseSize } = facts
  const rows = [
    ['Version', version],
    ['Running for', lengthOf(now - startedAt)],
    ['Memory', sizeOf(memory)],
    ['Database', sizeOf(databaseSize)],
    ['People here', grouped(people)],
  ]
  return html`<dl class="facts-list">
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd> `,
    )}
  </dl>`
}

const tabsOf = (days: number): Html =>
  html`<nav class="tabs" aria-label="Period">
    ${periods.map(
      (period) =>
        html`<a
          href="/admin${period.days > 1 && `?days=${period.days}`}#over-time"
          ${period.days === days && html`aria-current="true"`}
          >${period.days === 1 ? 'Day' : 'Week'}</a
        > `,
    )}
  </nav>`

/** How it goes, and how it went. */
export function overviewView(
  overview: AdminOverview,
  samples: AdminSamples,
  period: (typeof periods)[number],
): AdminView {
  const { depths, now } = overview
  return {
    title: 'Overview',
    main: html`${alertsOf(overview)}
      <h2 id="waiting">Waiting to be done</h2>
      <ul class="tiles">
        ${depths.map((depth) => tileOf(depth, now))}
      </ul>
      <h2 id="over-time">Over time</h2>
      ${tabsOf(period.days)} ${chartView(samples, period)}
      <h2 id="bridge">The bridge itself</h2>
      ${factsOf(overview)}`,
  }
}
