import { describe, expect, test } from '@jest/globals'
import { parseActivity, parseNote } from '../../src/activitypub/parse.ts'
import { parseStamp, toStamp } from '../../src/activitypub/quote-document.ts'
import { createSerializer } from '../../src/activitypub/serialize.ts'
import { asActivityId, asActorId, asObjectId } from '../../src/model/ids.ts'
import type { OutgoingNote } from '../../src/model/outgoing.ts'

const host = 'https://fedi.here.example'
const alice = asActorId(`${host}/actors/A1`)
const bob = asActorId('https://remote.example/users/bob')
const quoted = asObjectId('https://remote.example/notes/1')
const page = 'https://remote.example/@bob/1'
const stampId = asObjectId('https://remote.example/stamps/1')
const everybody = 'https://www.w3.org/ns/activitystreams#Public'

const note: OutgoingNote = {
  id: asObjectId(`${host}/objects/O1`),
  author: alice,
  ...{ content: '<p>hi</p>', source: 'hi', published: 0, url: `${host}/objects/O1` },
  ...{ to: [everybody], cc: [], context: `${host}/contexts/1`, sensitive: false },
  ...{ mentions: [], hashtags: [], attachments: [], emojis: [] },
  quote: { id: quoted, url: page, authorization: stampId },
  quotePolicy: 'everyone',
}
const { serialize, serializeNote } = createSerializer({
  ...{ publicUrl: host, handleDomain: 'here.example', bridgeName: 'The bridge' },
  findKeys: () => undefined,
  clock: { now: () => 0 },
})
const head = { id: asActivityId(`${host}/activities/1`), actor: alice, to: [bob], cc: [] }
const documentOf = (one: OutgoingNote) =>
  JSON.parse(serializeNote({ ...head, type: 'create', note: one }) ?? '') as Record<string, unknown>

describe('a note of ours that quotes', () => {
  test('says so under every name that software looks for', () => {
    expect(documentOf(note)).toMatchObject({
      ...{ quote: quoted, quoteUrl: quoted, quoteUri: quoted, _misskey_quote: quoted },
      quoteAuthorization: stampId,
      tag: [
        {
          type: 'Link',
          mediaType: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
          rel: 'https://misskey-hub.net/ns#_misskey_quote',
          href: quoted,
          name: `RE: ${page}`,
        },
      ],
    })
  })

  test('is read back as such', () => {
    expect(parseNote(documentOf(note))).toMatchObject({
      ...{ quote: quoted, isQuoteByConsent: true, quoteAuthorization: stampId },
      quotableBy: [everybody],
    })
  })

  test.each([
    ['everyone', everybody],
    ['followers', `${alice}/followers`],
    ['nobody', alice],
  ] as const)('lets %s quote it', (quotePolicy, approved) => {
    expect(documentOf({ ...note, quotePolicy })['interactionPolicy']).toEqual({
      canQuote: { automaticApproval: [approved] },
    })
  })

  test('says nothing of that where nobody was asked', () => {
    const silent = Object.entries(note).filter(([name]) => name !== 'quotePolicy')
    const document = documentOf(Object.fromEntries(silent) as OutgoingNote)
    expect(document['interactionPolicy']).toBeUndefined()
  })
})

describe('activities about quotes', () => {
  const sent = (activity: Parameters<typeof serialize>[0]) =>
    JSON.parse(serialize(activity)) as Record<string, unknown>
  const request = {
    id: asActivityId('https://remote.example/acts/1'),
    actor: bob,
    object: note.id,
    instrument: quoted,
  }
  const stamp = {
    id: asObjectId(`${host}/stamps/1`),
    attributedTo: alice,
    interactingObject: quoted,
    interactionTarget: note.id,
  }

  test('a request carries the note', () => {
    const activity = sent({ ...head, type: 'quote-request', object: quoted, note })
    expect(activity).toMatchObject({
      type: 'QuoteRequest',
      object: quoted,
      instrument: { id: note.id, type: 'Note', attributedTo: alice, quote: quoted },
    })
    expect(parseActivity(activity, 0)).toMatchObject({
      type: 'quote-request',
      object: quoted,
      instrument: { ref: note.id, embedded: { author: alice, quote: quoted } },
    })
  })

  test('an answer carries the request, and the stamp', () => {
    const activity = sent({ ...head, type: 'quote-answer', request, stamp: stamp.id })
    expect(activity).toMatchObject({
      type: 'Accept',
      object: { type: 'QuoteRequest', ...request },
      result: stamp.id,
    })
    expect(parseActivity(activity, 0)).toMatchObject({
      type: 'accept-quote',
      request: { id: request.id },
      stamp: stamp.id,
    })
  })

  test('an answer by a bare id is one to a Follow', () => {
    const answer = { ...head, type: 'Accept', object: request.id, result: stamp.id }
    expect(parseActivity(answer, 0)).toMatchObject({ type: 'accept', follow: { id: request.id } })
  })

  test('a refusal carries the request', () => {
    const activity = sent({ ...head, type: 'quote-answer', request })
    expect(activity).toMatchObject({ type: 'Reject', object: { type: 'QuoteRequest' } })
    expect(parseActivity(activity, 0)).toMatchObject({ type: 'reject-quote' })
  })

  test('a stamp that is taken back is deleted by its id', () => {
    const activity = sent({ ...head, type: 'revoke-quote', stamp })
    expect(activity).toMatchObject({ type: 'Delete', object: stamp.id })
  })

  test('an answer for another host is none', () => {
    const answer = { ...head, type: 'Accept', object: { type: 'QuoteRequest', ...request } }
    const object = { ...answer.object, object: quoted }
    expect(() => parseActivity({ ...answer, object }, 0)).toThrow('another host')
  })

  test.each([
    ['feature', 'Add'],
    ['unfeature', 'Remove'],
  ] as const)('%s', (type, wireType) => {
    const collection = `${alice}/featured`
    const activity = sent({ ...head, type, object: note.id, collection })
    expect(activity).toMatchObject({ type: wireType, object: note.id, target: collection })
    expect(parseActivity(activity, 0)).toMatchObject({ type, object: note.id, collection })
  })

  test('a stamp is read back', () => {
    expect(parseStamp(JSON.parse(JSON.stringify(toStamp(stamp))))).toEqual(stamp)
  })

  test.each([
    ['without type', { type: 'Note' }, 'no permission'],
    ['without target', { interactionTarget: undefined }, 'lacks something'],
    ['for somebody of another host', { attributedTo: bob }, 'another host'],
  ])('a stamp %s is none', (_, change, why) => {
    expect(() => parseStamp({ ...toStamp(stamp), ...change })).toThrow(why)
  })
})
