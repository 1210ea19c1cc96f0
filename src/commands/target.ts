import type { CommandResult } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import { asActorId } from '../model/ids.ts'
import { parseTarget } from '../model/names.ts'

export type Target = { readonly local: LocalActor } | { readonly remote: RemoteActor }

export const isLocalTarget = (target: Target): target is { readonly local: LocalActor } =>
  'local' in target

async function findLocal(
  target: NonNullable<ReturnType<typeof parseTarget>>,
  deps: Deps,
): Promise<LocalActor | undefined> {
  const { publicUrl, handleDomain } = deps.identity
  if ('url' in target) {
    if (!target.url.startsWith(`${publicUrl}/`)) return undefined
    const [, username] = /^\/@([^/]+)$/.exec(target.url.slice(publicUrl.length)) ?? []
    return username === undefined
      ? deps.store.findLocalActor(asActorId(target.url))
      : deps.store.findLocalActorByUsername(username)
  }
  const isOurs = target.host === handleDomain || target.host === new URL(publicUrl).host
  return isOurs ? deps.store.findLocalActorByUsername(target.username) : undefined
}

/**
 * The account that somebody typed: handle, `acct:`, profile URL or actor id. Undefined when the
 * text names none. Throws what the look-up throws.
 */
export async function findTarget(text: string, deps: Deps): Promise<Target | undefined> {
  const target = parseTarget(text)
  if (target === undefined) return undefined
  const local = await findLocal(target, deps)
  if (local !== undefined) return { local }
  const remote = await deps.fediverse.lookup(target)
  await deps.store.commit([{ change: 'put-remote-actor', actor: remote }])
  return { remote }
}

export const unknownTarget = (text: string): CommandResult => ({
  text: `\`${text.slice(0, 100)}\` is no fediverse address. It looks like \`@user@host\`, or is the link of a profile.`,
})
