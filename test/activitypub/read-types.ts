import { parseActor, parseNote, parsePublicKeys } from '../../src/activitypub/parse.ts'
import { parseStamp } from '../../src/activitypub/quote-document.ts'
import { addProof, readProof } from '../../src/activitypub/proof.ts'
import { RejectedError } from '../../src/model/errors.ts'
import type { Note } from '../../src/model/note.ts'
import { testKeys } from '../support/keys.ts'

const bob = 'https://remote.example/users/bob'
const post = `${bob}/1`
const note = { id: post, type: 'Note', attributedTo: bob, content: 'x' }
const actor = { id: bob, type: 'Person', preferredUsername: 'bob', inbox: `${bob}/inbox` }
const [multikey] = testKeys(bob).multikeys

/** Whether it is read; a deletion counts. */
function isRead(read: () => boolean): boolean {
  try {
    return read()
  } catch (error) {
    if (error instanceof RejectedError) return error.code === 'gone'
    throw error
  }
}

const isPost = (type: string) => isRead(() => parseNote({ ...note, type }).id === post)
const isActor = (type: string) => isRead(() => parseActor({ ...actor, type }, 0).id === bob)
const inTag = (tag: object, isThere: (found: Note) => boolean) =>
  isRead(() => isThere(parseNote({ ...note, tag: [tag] })))

const mediaType = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
const icon = { type: 'Image', url: `${bob}/x.png` }

/** Those that stand in other documents, and how each is read there. */
const parts: Readonly<Record<string, (type: string) => boolean>> = {
  Mention: (type) => inTag({ type, href: bob }, ({ mentions }) => mentions.length > 0),
  Emoji: (type) => inTag({ type, name: ':x:', icon }, ({ emojis }) => emojis.length > 0),
  Link: (type) => inTag({ type, mediaType, href: `${bob}/2` }, ({ quote }) => quote !== undefined),
  Hashtag: (type) =>
    parseActor({ ...actor, tag: [{ type, name: '#nobridge' }] }, 0).details?.wishes?.noBridge ===
    true,
  PropertyValue: (type) => {
    const { details } = parseActor({ ...actor, attachment: [{ type, name: 'x', value: 'y' }] }, 0)
    return (details?.fields.length ?? 0) > 0
  },
  Multikey: (type) =>
    parsePublicKeys({ ...actor, assertionMethod: [{ ...multikey, type, controller: bob }] })
      .length > 0,
  QuoteAuthorization: (type) => {
    const stamp = { id: `${bob}/s`, type, attributedTo: bob }
    return isRead(
      () =>
        parseStamp({ ...stamp, interactingObject: post, interactionTarget: post }).id === stamp.id,
    )
  },
  DataIntegrityProof: (type) => {
    const { proof, ...proven } = addProof(note, testKeys(bob).proving, 0)
    return readProof({ ...proven, proof: { ...(proof as object), type } }, 0) !== undefined
  },
  Collection: (type) => {
    const option = { type: 'Note', name: 'x', replies: { type, totalItems: 3 } }
    return parseNote({ ...note, type: 'Question', oneOf: [option] }).poll?.options[0]?.votes === 3
  },
}

/** Of the vocabulary, and what servers have added to it. */
const wholes = [
  ...['Article', 'Audio', 'ChatMessage', 'Document', 'Event', 'Image', 'Note', 'Page', 'Place'],
  ...['Question', 'Relationship', 'Tombstone', 'Video'],
]
const actors = ['Application', 'Group', 'Organization', 'Person', 'Service']

export const isReadAs: readonly (readonly [type: string, isRead: boolean])[] = [
  ...wholes.map((type) => [type, isPost(type)] as const),
  ...actors.map((type) => [type, isActor(type)] as const),
  ...Object.entries(parts).map(([type, read]) => [type, read(type)] as const),
]
