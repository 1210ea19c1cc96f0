import type { Chance } from '../simulation/chance.ts'
import { pickFrom } from './values.ts'

const pieces: readonly Buffer[] = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ',',
    ':',
    '\\u',
    '\\ud800',
    '{"a":',
    '[[',
    ']]',
    '//',
    '\n',
    'null',
  ],
  ...[
    '"type":"Delete",',
    '"actor":"https://us.test/alice",',
    '"__proto__":{"x":1},',
    '\u2028',
    '\u0000',
  ],
  ...[
    '<',
    '>',
    '&',
    '<!--',
    ']]>',
    '- ',
    ': ',
    '#',
    '*a',
    '&a ',
    '!!js/function ',
    '%',
    '\t',
    '|',
    '---\n',
  ],
].map((text) => Buffer.from(text))
const invalid = [0x80, 0xc0, 0xff, 0xfe, 0xed, 0xf5, 0x00, 0xe2].map((byte) => Buffer.from([byte]))
const bom = Buffer.from([0xef, 0xbb, 0xbf])

const splice = (bytes: Buffer, at: number, [cut, put]: readonly [number, Buffer]): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)])

function once(bytes: Buffer, chance: Chance): Buffer {
  const at = chance.int(bytes.length + 1)
  const length = chance.between(1, 40)
  switch (chance.int(8)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return splice(bytes, at, [0, pickFrom(chance, invalid, bom)])
    case 2:
      return Buffer.concat([bom, bytes])
    case 3:
      return splice(bytes, at, [length, Buffer.alloc(0)])
    case 4:
      return splice(bytes, at, [0, bytes.subarray(at, at + length)])
    case 5:
      return Buffer.concat([bytes, pickFrom(chance, pieces, bom)])
    case 6:
      return splice(bytes, at, [1, Buffer.from([chance.int(256)])])
    default:
      return splice(bytes, at, [0, pickFrom(chance, pieces, bom)])
  }
}

/** The text as a broken or lying sender would write it. */
export function mangle(text: string, chance: Chance): Buffer {
  let bytes: Buffer = Buffer.from(text)
  const count = chance.between(1, 4)
  for (let done = 0; done < count; done++) bytes = once(bytes, chance)
  return bytes
}
