import type { ActorId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { DomainBlock } from '../model/domain-block.ts'
import type { DomainBlockStore } from './domain-block-store.ts'
import type { Http } from '../model/http.ts'
import { domainsOf } from '../model/domain-block.ts'
import { asUserId } from '../model/ids.ts'
import { plainHostOf } from '../model/host.ts'
import { RejectedError } from '../model/errors.ts'
import { tellJob } from './tell-job.ts'

/** Host with port of an actor, a post or an inbox. */
const hostIn = (url: string): string => plainHostOf(url) ?? URL.parse(url)?.host ?? ''

/** The block that keeps everything away of where that is: an actor, a post, an inbox. */
export async function suspensionOf(
  url: string,
  { store }: { readonly store: Pick<DomainBlockStore, 'findDomainBlock'> },
): Promise<DomainBlock | undefined> {
  const block = await store.findDomainBlock(hostIn(url))
  return block?.severity === 'suspend' ? block : undefined
}

type KnownHosts = { readonly store: Pick<Deps['store'], 'findActorHost'> }
type Known = KnownHosts & { readonly store: Pick<DomainBlockStore, 'findDomainBlock'> }

/** Where an account is, and of whose name it goes by: people know it by that. */
export async function hostsOfActor(
  actor: ActorId,
  { store }: KnownHosts,
): Promise<readonly string[]> {
  const [place, named] = [hostIn(actor), await store.findActorHost(actor)]
  return named === undefined || named === place ? [place] : [place, named]
}

async function blocksOf(actor: ActorId, known: Known): Promise<readonly DomainBlock[]> {
  const blocks: DomainBlock[] = []
  for (const host of await hostsOfActor(actor, known)) {
    const block = await known.store.findDomainBlock(host)
    if (block !== undefined) blocks.push(block)
  }
  return blocks
}

/** The block that keeps everything of that account away, and keeps everything from it. */
export const suspensionOfActor = async (
  actor: ActorId,
  known: Known,
): Promise<DomainBlock | undefined> =>
  (await blocksOf(actor, known)).find(({ severity }) => severity === 'suspend')

/** Whether its people reach only those who follow them. */
export const isSilenced = async (actor: ActorId, known: Known): Promise<boolean> =>
  (await blocksOf(actor, known)).some(({ severity }) => severity === 'silence')

/** Whether what it reports is not taken. */
export const areReportsRefused = async (actor: ActorId, known: Known): Promise<boolean> =>
  (await blocksOf(actor, known)).some(({ rejectsReports }) => rejectsReports)

/** Whether no picture of that account may be fetched, wherever it is. */
export const arePicturesRefused = async (actor: ActorId, known: Known): Promise<boolean> =>
  (await blocksOf(actor, known)).some(({ rejectsMedia }) => rejectsMedia)

/** Whether no file of where that is, a file or a post, may be fetched. */
export const areFilesRefused = async (url: string, { store }: Deps): Promise<boolean> =>
  (await store.findDomainBlock(hostIn(url)))?.rejectsMedia === true

export const whyBarred = ({ domain }: Pick<DomainBlock, 'domain'>): string =>
  `the admin of this server has blocked ${domain}`

export const barredLine = ({ domain }: Pick<DomainBlock, 'domain'>): string =>
  `The admin of this server has blocked ${domain}: nothing goes there or comes from there.`

/**
 * Lookups that know of no host but those that an admin has let in (`allow-domain`): everything else is
 * suspended. `isOwn`: where we are ourselves.
 */
export const lettingInFew =
  (find: DomainBlockStore['findDomainBlock'], isOwn: (host: string) => boolean) =>
  async (host: string): Promise<DomainBlock | undefined> => {
    const block = await find(host)
    if (isOwn(host) || (block !== undefined && block.list === undefined)) return block
    const [domain = host] = domainsOf(host)
    const all = { rejectsMedia: true, rejectsReports: true, isUnlisted: true } as const
    return { ...all, domain, severity: 'suspend', by: asUserId('@:'), at: 0 }
  }

/** Nothing is asked of a domain that is kept away, whoever wants it. */
export const refuseBarred =
  (http: Http, store: Pick<DomainBlockStore, 'findDomainBlock'>): Http =>
  async (request) => {
    const block = await suspensionOf(request.url, { store })
    if (block === undefined) return http(request)
    const tell = barredLine(block)
    throw new RejectedError(`${block.domain} is blocked`, { code: 'domain-blocked', tell })
  }

/** Of a domain whose files are not wanted none is asked for, not by a redirect either. */
export const refuseFiles =
  (http: Http, store: Pick<DomainBlockStore, 'findDomainBlock'>): Http =>
  async (request) => {
    const block = await store.findDomainBlock(hostIn(request.url))
    if (block?.rejectsMedia !== true) return http(request)
    throw new RejectedError(`no files of ${block.domain} are wanted`, { code: 'domain-blocked' })
  }

export type Barred = {
  readonly type: 'barred'
  readonly domain: string
  /** Whether it was blocked, or a block of it was taken back; and when. */
  readonly isBarred: boolean
  readonly at: number
  /** Rooms of accounts up to that one have been told. */
  readonly after?: ActorId
}

const atOnce = 100

/** The job that tells the rooms of a domain what its block means for them. */
export function barredJob(barred: Omit<Barred, 'type'>): Change {
  const name = `barred ${barred.domain} ${String(barred.at)}`
  const job = {
    kind: 'upkeep',
    key: `${name} ${barred.after ?? ''}`,
    // One after another: a block and its end are told in their order.
    lane: `upkeep:barred ${barred.domain}`,
    payload: JSON.stringify({ type: 'barred', ...barred } satisfies Barred),
  } as const
  return { change: 'enqueue', job }
}

function wordsOf({ domain, isBarred }: Barred): string {
  if (!isBarred) return `${domain} is not blocked any more: what is posted there is shown again.`
  return `The admin of this server has blocked ${domain}: nothing new comes from there, and nothing that is written here goes there.`
}

/** Whether one of them is in that domain, and in no other below it for which something else holds. */
async function isMeant(
  hosts: readonly string[],
  domain: string,
  { store }: Deps,
): Promise<boolean> {
  for (const host of hosts.filter((one) => domainsOf(one).includes(domain))) {
    const nearest = await store.findDomainBlock(host)
    if (nearest === undefined || nearest.domain.length <= domain.length) return true
  }
  return false
}

/** Some rooms at a time; the next ones are a job of their own. */
export async function tellBarred(barred: Barred, deps: Deps): Promise<readonly Change[]> {
  const { domain, at, isBarred, after } = barred
  const rooms = await deps.store.portalsUnder(domain, after, atOnce)
  const text = wordsOf(barred)
  const told: Change[] = []
  for (const { actorId, host, roomId } of rooms)
    if (await isMeant([hostIn(actorId), host], domain, deps))
      told.push(tellJob({ key: `barred ${domain} ${String(at)} ${roomId}`, text, roomId }))
  const last = rooms.length < atOnce ? undefined : rooms.at(-1)
  if (last === undefined) return told
  return [...told, barredJob({ domain, isBarred, at, after: last.actorId })]
}
