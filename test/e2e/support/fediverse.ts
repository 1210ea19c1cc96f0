import { demand } from './json-http.ts'
import type { ControlledPeer, PeerAccount, ReceivedActivity } from './control-peer.ts'
import { waitUntil } from './wait.ts'

type Named = Pick<PeerAccount, 'name' | 'id'>

/** The Matrix user that stands for an account, as FEDERATION.md says that it is made. */
export const ghostAt =
  (serverName: string) =>
  ({ name, id }: Named): string =>
    `@_ap_${name}_${new URL(id).host.replace(':', '=3a')}:${serverName}`

export const ghostOf: (account: Named) => string = ghostAt('matrix.test')

/** The actor id of one of the bridge's users, as any server of the fediverse finds it. */
export async function findActor(publicUrl: string, handle: string): Promise<string> {
  const resource = encodeURIComponent(`acct:${handle.slice(1)}`)
  const { links } = await demand<{ links: { rel: string; href: string }[] }>({
    url: `${publicUrl}/.well-known/webfinger?resource=${resource}`,
  })
  const self = links.find(({ rel }) => rel === 'self')
  if (self === undefined) throw new Error(`${handle} has no actor`)
  return self.href
}

export type ReceivedNote = {
  readonly id: string
  readonly content: string
  readonly to: unknown
  readonly cc: unknown
  readonly inReplyTo?: unknown
  readonly context?: unknown
  readonly conversation?: unknown
  readonly tag?: unknown
}

export const listed = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]

export const noteIn = (activity: ReceivedActivity): ReceivedNote => activity.object as ReceivedNote

/** The hrefs of the mentions among a note's tags. */
export const mentionsOf = (note: ReceivedNote): readonly unknown[] =>
  listed(note.tag).flatMap((tag) => {
    const { type, href } = tag as { type: string; href: string }
    return type === 'Mention' ? [href] : []
  })

/** Those of a type about an object in which that text stands. */
export async function received(
  peer: ControlledPeer,
  type: string,
  text: string,
): Promise<readonly ReceivedActivity[]> {
  return (await peer.received()).flatMap(({ activity, status }) =>
    status < 300 && activity.type === type && JSON.stringify(activity.object).includes(text)
      ? [activity]
      : [],
  )
}

/** The first of them, once it is there. */
export const receives = (
  peer: ControlledPeer,
  type: string,
  text: string,
): Promise<ReceivedActivity> =>
  waitUntil(
    `${peer.url} receives ${type} with "${text}"`,
    async () => (await received(peer, type, text))[0],
  )
