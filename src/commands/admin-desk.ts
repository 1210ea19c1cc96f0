import type { ActorId } from '../model/ids.ts'
import type { AdminDesk, AdminUser, PersonLine } from '../model/admin-view.ts'
import type { Deps } from '../bridge/ports.ts'
import type { LocalActor } from '../model/actor.ts'
import { handleOf } from '../bridge/actors.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { publicSideDownSince } from '../bridge/public-side.ts'
import { sampleEvery, samplesKept } from '../bridge/queue-samples.ts'
import { asActorId } from '../model/ids.ts'
import { effectOf } from './domain-blocks.ts'
import { failedJobs } from './admin-failed.ts'
import { pageOf } from './admin-page-of.ts'
import { plain } from './admin-plain.ts'
import { reportViews } from './admin-reports.ts'
import { serverLines } from './admin-servers.ts'
import { answerAs } from './typed.ts'

const pageLength = 50
/** Hosts that are counted. */
const mostHosts = 1_000
const day = 86_400_000

async function overview(deps: Deps): ReturnType<AdminDesk['overview']> {
  const { store, jobs, clock, operations } = deps
  const now = clock.now()
  const failing = await jobs.failing(mostHosts)
  const homeserver = failing.find(({ host }) => host === '')
  const down = await publicSideDownSince(deps)
  const hosts = new Set(failing.map(({ host }) => host).filter((host) => host !== ''))
  return {
    now,
    depths: await jobs.depth(),
    facts: operations.facts(),
    people: (await store.stats(now)).localActors,
    openReports: await store.countOpenReports(),
    failingHosts: hosts.size,
    ...(homeserver === undefined ? {} : { homeserverFailingSince: homeserver.failingSince }),
    ...(down === undefined ? {} : { publicSideDownSince: down }),
  }
}

async function samples(days: number, { store, clock }: Deps): ReturnType<AdminDesk['samples']> {
  const now = clock.now()
  const from = now - days * day
  const most = Math.ceil(samplesKept / sampleEvery) + 1
  return { now, samples: await store.queueSamples(from, most) }
}

async function blocks(
  { domain = '', account }: { readonly domain?: string; readonly account?: string },
  deps: Deps,
  isAllowList: boolean,
): ReturnType<AdminDesk['blocks']> {
  const { store } = deps
  const all = (await store.domainBlocks()).filter((block) => block.domain > domain)
  const lines = all.slice(0, pageLength + 1).map((block) => ({
    ...block,
    ...(block.reason === undefined ? {} : { reason: plain(block.reason) }),
    ...(block.publicComment === undefined ? {} : { publicComment: plain(block.publicComment) }),
    effect: effectOf(block),
  }))
  const behind: ActorId | undefined = account === undefined ? undefined : asActorId(account)
  const suspended = await Promise.all(
    (await store.suspendedAfter(behind, pageLength + 1)).map(async (one) => ({
      ...one,
      handle: await handleOfActor(one.id, deps),
    })),
  )
  return {
    domains: pageOf(lines, pageLength, (last) => last.domain),
    lists: await store.blocklists(),
    suspended: pageOf(suspended, pageLength, ({ id }) => id),
    isAllowList,
  }
}

async function personLine(person: LocalActor, deps: Deps): Promise<PersonLine> {
  const { id, userId, createdAt, profile } = person
  const moved = profile?.movedTo
  return {
    ...{ userId, handle: handleOf(person, deps), since: createdAt },
    permission: deps.permissionOf(userId),
    followers: await deps.store.followersCount(id),
    following: await deps.store.followingCount(id),
    ...(moved === undefined ? {} : { movedTo: await handleOfActor(moved, deps) }),
  }
}

async function people(behind: string | undefined, deps: Deps): ReturnType<AdminDesk['people']> {
  const found = await deps.store.peopleAfter(behind ?? '', pageLength + 1)
  const { items, ...next } = pageOf(found, pageLength, ({ username }) => username)
  return { items: await Promise.all(items.map((one) => personLine(one, deps))), ...next }
}

/** What admins may see and do without a chat: the same as by commands, in another form. */
export function createAdminDesk(
  deps: Deps,
  { isAllowList }: { readonly isAllowList: () => boolean },
): AdminDesk {
  const mayUse = ({ userId, isMachine }: AdminUser): boolean =>
    isMachine || deps.permissionOf(userId) === 'admin'
  return {
    mayUse,
    overview: () => overview(deps),
    samples: (days) => samples(days, deps),
    ...failedJobs(deps),
    servers: () => serverLines(deps),
    ...reportViews(deps),
    blocks: (behind) => blocks(behind, deps, isAllowList()),
    people: (behind) => people(behind, deps),
    async act(user, { words, text: said }) {
      if (!mayUse(user)) return { end: 'not-permitted', text: 'You are not an admin any more.' }
      const { userId } = user
      const { end, text } = await answerAs(userId, [...words, ...(said ? [said] : [])], deps)
      // Reasons that somebody gives are for those who read the lists.
      deps.log.info({ by: userId, act: words.join(' '), end }, 'an admin did something')
      return { end, text }
    },
  }
}
