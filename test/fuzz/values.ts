import type { Chance } from '../simulation/chance.ts'

/** Values that programs trip over: each stands where another was meant to. */

/** In texts: written as it stands, for what no value of JavaScript can say (`1e400`). */
export const rawMark = '\u0001raw:'

const ourHost = 'us.test'
export const hosts = ['social.test', 'other.test', ourHost, 'sub.social.test', 'social.test:8443']
export const everybody = 'https://www.w3.org/ns/activitystreams#Public'

const ids: readonly string[] = [
  ...['https://social.test/bob', 'https://social.test/bob/1', 'https://social.test/bob/followers'],
  ...['https://us.test/alice', 'https://us.test/alice/1', 'https://us.test/actor', everybody],
  ...['as:Public', 'Public', 'https://other.test/carol', 'http://social.test/bob', 'x:', '', '#'],
  ...['https://social.test/bob#main-key', 'https://user:pass@social.test/bob', 'https://[::1]/x'],
  ...['https://127.0.0.1/x', 'https://social.test:443/bob', 'HTTPS://SOCIAL.TEST/bob', '//a.test/'],
  ...['https://social.test/%00', 'https://social.test/\ud800', 'https://social.test/a b', '/bob'],
  ...['https://xn--/', 'https://söcial.test/bob', 'javascript:alert(1)', 'data:text/html,x'],
  ...[
    'tag:social.test,2026:1',
    'urn:uuid:0',
    'did:key:z6Mk',
    'ap://did:key:z6Mk/actor',
    'mxc://a/b',
  ],
  ...['https://social.test/../..', 'https://social.test?x', 'https://social.test./bob'],
  ...[
    'https://social.test\\@us.test/alice',
    'https://us.test@social.test/bob',
    'acct:bob@social.test',
  ],
]

const oddities: readonly string[] = [
  ...[
    '',
    ' ',
    '\n',
    '\r\n',
    '\t',
    '\u0000',
    'a\u0000b',
    '\u0007',
    '\u001b[31m',
    '\u007f',
    '\u0085',
  ],
  ...[
    '\ud800',
    '\udc00',
    'a\ud83d',
    '\udc00\ud800',
    '\ufffe',
    '\uffff',
    '\ufeff',
    '\u2028',
    '\u2029',
  ],
  ...[
    '\u202e',
    '\u2066x\u2069',
    '\u200b',
    '\u200d',
    '\u2800',
    '\u3164',
    '\u00ad',
    '\u034f',
    '\ufff9',
  ],
  ...[
    'a\u0301\u0301\u0301\u0301\u0301\u0301',
    '\u0301',
    'ﷺ',
    '👨‍👩‍👧‍👦',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    '🇩',
    '\u{e0041}',
    '１',
    'İ',
    'ß',
    'ﬀ',
  ],
  ...['@room', '@alice:us.test', '@bob@social.test', '#tag', '!ap help', '/me x', ':blob:', '> x'],
  ...[
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '</p>',
    '&lt;b&gt;',
    '&#0;',
    '&',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'length', '$&', '$1', '%s'],
  ...[
    "' or 1=1 --",
    '{{x}}',
    '${x}',
    '../../etc/passwd',
    'null',
    'undefined',
    'NaN',
    'true',
    '0',
    '-0',
  ],
  ...['2026-05-01T10:00:00Z', '0000-00-00', '9999-12-31T23:59:60Z', '-271821-04-20T00:00:00Z'],
  ...[
    '+275760-09-13T00:00:00.001Z',
    '2026-13-45T99:99:99Z',
    '1e400',
    'PT3S',
    'P-1Y',
    'P99999999999D',
  ],
  ...['text/markdown', 'text/html', 'image/png', 'de', 'x-default', 'en-Latn-GB-oxendict-x-a', '*'],
]

const types: readonly string[] = [
  ...['Create', 'Update', 'Delete', 'Undo', 'Accept', 'Reject', 'Follow', 'Like', 'EmojiReact'],
  ...['Announce', 'Block', 'Move', 'Flag', 'Add', 'Remove', 'QuoteRequest', 'Dislike', 'View'],
  ...['Note', 'Question', 'Article', 'Page', 'Event', 'Video', 'Audio', 'Image', 'Tombstone'],
  ...[
    'Person',
    'Group',
    'Service',
    'Application',
    'Organization',
    'OrderedCollection',
    'Collection',
  ],
  ...['CollectionPage', 'OrderedCollectionPage', 'Mention', 'Emoji', 'Hashtag', 'Link', 'Document'],
  ...['PropertyValue', 'Place', 'ChatMessage', 'QuoteAuthorization', 'as:Note', 'Key', 'Multikey'],
]

/** Names that documents and events have, those of other vocabularies, and those of objects themselves. */
const members: readonly string[] = [
  ...[
    'id',
    '@id',
    'type',
    '@type',
    '@context',
    'actor',
    'object',
    'target',
    'result',
    'instrument',
  ],
  ...[
    'attributedTo',
    'to',
    'cc',
    'bto',
    'bcc',
    'audience',
    'content',
    'contentMap',
    'name',
    'nameMap',
  ],
  ...['summary', 'summaryMap', 'source', 'mediaType', 'tag', 'attachment', 'url', 'href', 'icon'],
  ...[
    'image',
    'inReplyTo',
    'published',
    'updated',
    'endTime',
    'closed',
    'oneOf',
    'anyOf',
    'replies',
  ],
  ...[
    'likes',
    'shares',
    'context',
    'conversation',
    'quoteUrl',
    'quote',
    'quoteAuthorization',
    '_misskey_quote',
  ],
  ...[
    'sensitive',
    'votersCount',
    'totalItems',
    'items',
    'orderedItems',
    'first',
    'next',
    'last',
    'partOf',
  ],
  ...['preferredUsername', 'inbox', 'outbox', 'followers', 'endpoints', 'sharedInbox', 'publicKey'],
  ...['publicKeyPem', 'owner', 'assertionMethod', 'alsoKnownAs', 'movedTo', 'featured', 'proof'],
  ...[
    'signature',
    'blurhash',
    'width',
    'height',
    'duration',
    'focalPoint',
    'location',
    'interactionPolicy',
  ],
  ...['msgtype', 'body', 'format', 'formatted_body', 'm.relates_to', 'm.mentions', 'm.new_content'],
  ...[
    'event_id',
    'rel_type',
    'key',
    'user_ids',
    'room',
    'info',
    'mimetype',
    'size',
    'w',
    'h',
    'filename',
  ],
  ...[
    'geo_uri',
    'membership',
    'redacts',
    'state_key',
    'pinned',
    'answers',
    'max_selections',
    'unsigned',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'toJSON',
    'then',
    'length',
    '',
    '0',
  ],
]

const numbers: readonly unknown[] = [
  ...[0, 1, -1, 0.5, 1e308, 5e-324, 255, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53) - 2],
  ...[
    '1e400',
    '-1e400',
    '-0',
    '9007199254740993',
    '1e-400',
    '0.1e1',
    '123456789012345678901234567890',
  ].map((text) => rawMark + text),
]

export const pickFrom = <T>(chance: Chance, items: readonly T[], otherwise: T): T =>
  chance.pick(items) ?? otherwise

export const anId = (chance: Chance): string => pickFrom(chance, ids, '')
export const aType = (chance: Chance): string => pickFrom(chance, types, '')
export const aMember = (chance: Chance): string => pickFrom(chance, members, '')

/** Rarely large: most faults need no size, and large inputs take their time. */
function aLength(chance: Chance): number {
  if (chance.happens(0.9)) return chance.between(2, 300)
  return pickFrom(chance, [2_047, 2_049, 5_000, 20_001], 300)
}

/** One text of the odd ones, or several together, or one of them many times. */
export function oddText(chance: Chance): string {
  const one = (): string => pickFrom(chance, oddities, '')
  const choice = chance.int(10)
  if (choice < 5) return one()
  if (choice < 8) return Array.from({ length: chance.between(2, 6) }, one).join('')
  if (choice < 9) return anId(chance)
  const unit = one()
  return unit.repeat(Math.ceil(aLength(chance) / Math.max(unit.length, 1))).slice(0, 60_000)
}

/** Arrays or objects inside of each other. */
export function nested(chance: Chance, leaf: unknown): unknown {
  const depth = chance.happens(0.95) ? chance.between(2, 40) : chance.between(500, 3_000)
  const isList = chance.happens(0.5)
  const key = pickFrom(chance, ['object', 'a', 'id', 'content', 'tag'], 'a')
  let value = leaf
  for (let level = 0; level < depth; level++) value = isList ? [value] : { [key]: value }
  return value
}

/** Of any kind. */
export function oddValue(chance: Chance): unknown {
  switch (chance.int(12)) {
    case 0:
      return null
    case 1:
      return chance.happens(0.5)
    case 2:
    case 3:
      return pickFrom<unknown>(chance, numbers, 0)
    case 4:
      return pickFrom<unknown>(chance, [[], {}, [[]], [null], [{}], ['']], [])
    case 5:
      return nested(chance, oddText(chance))
    case 6:
      return anId(chance)
    case 7:
      return aType(chance)
    case 8:
      return { id: anId(chance), type: aType(chance), [aMember(chance)]: oddText(chance) }
    case 9:
      return { en: oddText(chance), '': oddText(chance), de: null }
    default:
      return oddText(chance)
  }
}
