import type { AdminServers, ServerLine } from '../model/admin-view.ts'
import type { Deps } from '../bridge/ports.ts'
import type { FailingHost, HostDepth } from '../model/job.ts'
import { plain } from './admin-plain.ts'

/** Of each: those that most waits for, and those that have failed for longest. */
const mostHosts = 100

const waitingOf = (kind: HostDepth['kind'], depths: readonly HostDepth[]) => {
  const depth = depths.find((one) => one.kind === kind)
  return depth && { count: depth.waiting, oldest: depth.oldest }
}

/** Of several kinds of work that fail there, the one that has for longest. */
function failingOf(found: readonly FailingHost[]): ServerLine['failing'] {
  const [first] = found.toSorted((a, b) => a.failingSince - b.failingSince)
  if (first === undefined) return undefined
  const { failingSince: since, failingDays: days, nextTry } = first
  return { since, days, nextTry }
}

async function lineOf(
  host: string,
  {
    busy,
    failing,
  }: { readonly busy: readonly HostDepth[]; readonly failing: readonly FailingHost[] },
  { store }: Deps,
): Promise<ServerLine> {
  const outgoing = waitingOf('delivery', busy)
  const incoming = waitingOf('activity', busy)
  const fails = failingOf(failing)
  const { software, version } = (host === '' ? undefined : await store.findServer(host)) ?? {}
  const block = host === '' ? undefined : await store.findDomainBlock(host)
  return {
    host,
    ...(outgoing === undefined ? {} : { outgoing }),
    ...(incoming === undefined ? {} : { incoming }),
    ...(fails === undefined ? {} : { failing: fails }),
    ...(software === undefined ? {} : { software: plain(`${software} ${version ?? ''}`, 60) }),
    ...(block === undefined ? {} : { block }),
  }
}

/** Servers that something waits for, and those that fail, which come first. */
export async function serverLines(deps: Deps): Promise<AdminServers> {
  const busy = await deps.jobs.busiest(mostHosts)
  const failing = await deps.jobs.failing(mostHosts)
  const hosts = [...new Set([...failing, ...busy].map(({ host }) => host))]
  const isOf =
    (host: string) =>
    (one: { readonly host: string }): boolean =>
      one.host === host
  const servers = await Promise.all(
    hosts.map((host) =>
      lineOf(host, { busy: busy.filter(isOf(host)), failing: failing.filter(isOf(host)) }, deps),
    ),
  )
  return { now: deps.clock.now(), servers }
}
