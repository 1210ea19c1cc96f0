import type { Request } from 'express'
import type { AdminDesk } from '../../model/admin-view.ts'
import { numberOf } from '../query.ts'
import { periods } from './chart.ts'
import { failedDetailView, failedView } from './failed.ts'
import { blocksView } from './blocks.ts'
import { overviewView } from './overview.ts'
import { peopleView } from './people.ts'
import { reportsView, reportView } from './reports.ts'
import { serversView } from './servers.ts'
import type { AdminView, Viewer } from './view.ts'

export type ViewDeps = { readonly desk: AdminDesk }

/** A page; undefined: there is none of that name. */
type View = (request: Request, viewer: Viewer, desk: AdminDesk) => Promise<AdminView | undefined>

const overview: View = async ({ query }, _viewer, desk) => {
  const days = numberOf(query['days'])
  const period = periods.find((one) => one.days === days) ?? periods[0]
  if (period === undefined) return undefined
  return overviewView(await desk.overview(), await desk.samples(period.days), period)
}

const failed: View = async ({ query }, viewer, desk) => {
  const before = numberOf(query['before'])
  return failedView(await desk.failed(before), viewer, before === undefined)
}

const failedOne: View = async ({ params }, viewer, desk) => {
  const id = numberOf(params['id'])
  const job = id === undefined ? undefined : await desk.findFailed(id)
  return job && failedDetailView(job, viewer)
}

const servers: View = async (_request, _viewer, desk) => serversView(await desk.servers())

/** Reports that can be paged through: there are never more open. */
const mostPages = 1_000

const reports: View = async ({ query }, viewer, desk) => {
  const page = Math.min(Math.max(numberOf(query['page']) ?? 1, 1), mostPages)
  return reportsView(await desk.reports(page), viewer, page)
}

const reportOne: View = async ({ params }, viewer, desk) => {
  const number = numberOf(params['number'])
  const report = number === undefined ? undefined : await desk.findReport(number)
  return report && reportView(report, viewer)
}

/** What a list goes on behind. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 2_048 ? value : undefined
}

const blocks: View = async ({ query }, viewer, desk) => {
  const [domain, account] = [textOf(query['domain']), textOf(query['account'])]
  const behind = {
    ...(domain === undefined ? {} : { domain }),
    ...(account === undefined ? {} : { account }),
  }
  return blocksView(await desk.blocks(behind), viewer)
}

const people: View = async ({ query }, _viewer, desk) => {
  const after = textOf(query['after'])
  return peopleView(await desk.people(after), after === undefined)
}

/** By path below /admin. */
export const views: ReadonlyMap<string, View> = new Map([
  ['/', overview],
  ['/failed', failed],
  ['/failed/:id', failedOne],
  ['/servers', servers],
  ['/reports', reports],
  ['/reports/:number', reportOne],
  ['/blocks', blocks],
  ['/people', people],
])
