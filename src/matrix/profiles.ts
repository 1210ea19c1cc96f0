import type { Mxc, UserId } from '../model/ids.ts'
import { isRecord, listAt, recordAt, toMxc, toText, type Json } from './fields.ts'
import { RejectedError } from '../model/errors.ts'
import { unlessRefused, v3, type Caller } from './request.ts'

/** Global profile of a user. */
export type Profile = {
  readonly displayName?: string
  readonly avatar?: Mxc
  /** What they say about themselves (MSC4440). */
  readonly bio?: { readonly body: string; readonly html?: string }
  /** The wide picture (MSC4427). */
  readonly header?: Mxc
}

/** What a profile says beside name and picture; what is absent goes. */
export type FurtherProfile = Pick<Profile, 'bio' | 'header'>

// Neither proposal is merged: the names by which clients know them, which are the ones to write.
const bioField = 'gay.fomx.biography'
const headerField = 'chat.commet.profile_banner'
const bioFields = ['m.biography', bioField]
const headerFields = ['m.banner_url', headerField]

const maxBio = 20_000

/** Extensible text (MSC1767): one form of the same words after the other. */
function bioOf(answer: Json): Profile['bio'] {
  for (const field of bioFields) {
    const forms = listAt(recordAt(answer, field), 'm.text').filter(isRecord).slice(0, 10)
    const formOf = (isIt: (type: unknown) => boolean): string | undefined =>
      forms
        .filter(({ mimetype }) => isIt(mimetype))
        .map(({ body }) => toText(body, maxBio))
        .find((body) => body !== undefined && body !== '')
    const html = formOf((type) => type === 'text/html')
    const body = formOf((type) => type === undefined || type === 'text/plain')
    if (body !== undefined || html !== undefined)
      return { body: body ?? '', ...(html === undefined ? {} : { html }) }
  }
  return undefined
}

function parseProfile(answer: Json): Profile {
  const displayName = toText(answer['displayname'], 1000)
  const avatar = toMxc(answer['avatar_url'])
  const bio = bioOf(answer)
  const header = headerFields.map((field) => toMxc(answer[field])).find((mxc) => mxc !== undefined)
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(avatar === undefined ? {} : { avatar }),
    ...(bio === undefined ? {} : { bio }),
    ...(header === undefined ? {} : { header }),
  }
}

const bioContent = ({ body, html }: NonNullable<Profile['bio']>): Json => ({
  'm.text': [...(html === undefined ? [] : [{ body: html, mimetype: 'text/html' }]), { body }],
})

/** How long it is believed whether the homeserver has further fields, milliseconds. */
const supportKept = 3_600_000

/** As the specification has it, and as Synapse says it of a user whose profile it has deleted. */
const saysNone = ({ status, code, message }: RejectedError): boolean =>
  status === 404 &&
  (code === 'M_NOT_FOUND' || (code === 'M_UNKNOWN' && message.includes('No row found')))

/** Client-server API, "Profiles"; further fields (MSC4133) where the homeserver has them. */
export function profiles(call: Caller, now: () => number) {
  let support: { readonly has: boolean; readonly at: number } | undefined

  const set = async (as: UserId, field: string, value: unknown): Promise<void> => {
    const path = v3('profile', as, field)
    await call({ method: 'PUT', path, as, body: { [field]: value }, isIdempotent: true })
  }

  const hasFields = async (): Promise<boolean> => {
    if (support !== undefined && Math.abs(now() - support.at) < supportKept) return support.has
    const answer = await call({ method: 'GET', path: v3('capabilities') })
    const stated = recordAt(recordAt(answer, 'capabilities'), 'm.profile_fields')
    support = { has: stated['enabled'] === true, at: now() }
    return support.has
  }

  /** A field that is not there cannot be taken away. */
  const setOrRemove = async (as: UserId, field: string, value: unknown): Promise<void> => {
    if (value !== undefined) return set(as, field, value)
    const path = v3('profile', as, field)
    const done = call({ method: 'DELETE', path, as, isIdempotent: true })
    await unlessRefused(done, [404], () => ({}))
  }

  /** A 404 of something that stands before the homeserver says nothing. */
  const isThere = async (path: readonly string[]): Promise<boolean> => {
    try {
      await call({ method: 'GET', path })
      return true
    } catch (error) {
      if (error instanceof RejectedError && saysNone(error)) return false
      throw error
    }
  }

  return {
    setDisplayName: (as: UserId, name: string): Promise<void> => set(as, 'displayname', name),
    setAvatar: (as: UserId, avatar: Mxc | undefined): Promise<void> =>
      set(as, 'avatar_url', avatar ?? ''),
    setFurtherProfile: async (as: UserId, { bio, header }: FurtherProfile): Promise<void> => {
      if (!(await hasFields())) return
      await setOrRemove(as, bioField, bio && bioContent(bio))
      await setOrRemove(as, headerField, header)
    },
    /**
     * Synapse says that there is no profile also of who has neither name nor picture; asked for their
     * name alone, it knows them all the same.
     */
    hasProfile: async (userId: UserId): Promise<boolean> =>
      (await isThere(v3('profile', userId))) || isThere(v3('profile', userId, 'displayname')),
    profile: async (userId: UserId): Promise<Profile> => {
      const asked = call({ method: 'GET', path: v3('profile', userId) })
      // Synapse says M_UNKNOWN for some of these. A profile that is not shown to us is as good as none.
      return parseProfile(await unlessRefused<Json>(asked, [403, 404], () => ({})))
    },
  }
}
