import type { Command } from './command.ts'
import type { HostDepth, KindDepth } from '../model/job.ts'
import { timeOf } from '../model/dates.ts'
import { jobNames } from '../model/job-names.ts'
import { lengthOf } from '../model/lengths.ts'

const mostHosts = 10

function kindLine(depth: KindDepth, now: number): string {
  const { kind, waiting, failed, oldest, planned = 0 } = depth
  const age = oldest === undefined ? '' : `, the oldest for ${lengthOf(now - oldest)}`
  const waits = waiting === 0 ? 'nothing waits' : `${waiting} waiting${age}`
  const later = planned === 0 ? '' : `; ${planned} for later`
  return `${jobNames[kind]}: ${waits}${later}${failed === 0 ? '' : `; ${failed} given up`}`
}

function hostLine(depth: HostDepth, now: number): string {
  const { kind, host, waiting, oldest, failingSince, nextTry = 0 } = depth
  const way = kind === 'delivery' ? 'to' : 'of'
  const next = nextTry > now ? `; next try ${timeOf(nextTry)}` : ''
  const health = failingSince === undefined ? '' : `, failing for ${lengthOf(now - failingSince)}`
  return `${waiting} ${way} ${host}, the oldest for ${lengthOf(now - oldest)}${health}${next}`
}

export const queue: Command = {
  name: 'queue',
  args: '',
  help: 'Shows how much waits to be done, since when, and for which servers.',
  more: 'What waits is tried again by itself; `failed` lists what was given up.',
  examples: ['queue'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 0],
  doing: () => 'Counting.',
  run: async (_, { deps }) => {
    const now = deps.clock.now()
    const depths = await deps.jobs.depth()
    const hosts = await deps.jobs.busiest(mostHosts)
    const failed = depths.reduce((sum, depth) => sum + depth.failed, 0)
    return {
      text: [
        ...depths.map((depth) => kindLine(depth, now)),
        ...(hosts.length === 0 ? [] : ['Most waits here:']),
        ...hosts.map((host) => hostLine(host, now)),
        ...(failed === 0 ? [] : ['`failed` lists what was given up.']),
      ].join('\n'),
    }
  },
}
