import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import { emptyProfile, type LocalActor, type OwnProfile, type ProfileText } from '../model/actor.ts'
import type { CommandPicture } from './picture.ts'
import { toFediverseHtml } from '../translate/html-to-fediverse.ts'
import { updateOf } from './profiles.ts'

/** Words for a profile: links and hashtags become links, nobody is mentioned. */
export function profileText(source: string, deps: Deps): ProfileText {
  const { publicUrl } = deps.identity
  const { html } = toFediverseHtml({
    body: source,
    hashtagUrl: (name) => `${publicUrl}/tags/${encodeURIComponent(name.toLowerCase())}`,
  })
  return { source, html }
}

/** A value stands in a table: no paragraph, and a link that can be verified by its `rel`. */
export function fieldText(source: string, deps: Deps): ProfileText {
  const { html } = profileText(source, deps)
  const line = html.replace(/^<p>(.*)<\/p>$/s, '$1').replace(/<a href=/g, '<a rel="me" href=')
  return { source, html: line }
}

export type ProfileChange = Omit<Partial<OwnProfile>, 'name' | 'bio' | 'avatar' | 'header'> & {
  /** Undefined takes it away. */
  readonly name?: string | undefined
  readonly bio?: ProfileText | undefined
  readonly avatar?: CommandPicture | undefined
  readonly header?: CommandPicture | undefined
}

const defined = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/** Keeps what the user set and tells their followers' servers. */
export function changeProfile(
  actor: LocalActor,
  change: ProfileChange,
  deps: Deps,
): readonly Action[] {
  const profile = defined({ ...emptyProfile, ...actor.profile, ...change }) as OwnProfile
  const changed: LocalActor = { ...actor, profile }
  return [
    { do: 'commit', changes: [{ change: 'put-local-actor', actor: changed }] },
    updateOf(changed, deps),
  ]
}
