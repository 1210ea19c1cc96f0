import { readFileSync } from 'node:fs'
import { describeFound, formatProblem, type Problem } from '../../src/config/problem.ts'
import { variableOf } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config/load.ts'
import { allSettings } from '../../src/config/settings.ts'
import type { Chance } from '../simulation/chance.ts'
import { validFile } from '../config/example.ts'
import { mangle } from './bytes.ts'
import { fromInput, promise, toInput, type Measure, type Target } from './target.ts'
import { nested, oddText, oddValue, pickFrom } from './values.ts'

const sample = readFileSync(new URL('../../config.sample.yaml', import.meta.url), 'utf8').replace(
  /^( *)#(\w+:)/gm,
  '$1$2',
)

/** Which YAML reads in other ways than people do. */
const yaml: readonly string[] = [
  ...[
    '&a [*a, *a]',
    '*a',
    '!!binary x',
    '!!js/function x',
    '<<: *a',
    '? [a]: b',
    '{a: b',
    '[a',
    '"a',
    "'",
    '|',
    '>-',
  ],
  ...[
    '- a',
    '%YAML 1.3',
    '---',
    '...',
    '!<x> y',
    '0x1F',
    '1_000',
    '.inf',
    '.nan',
    '~',
    'yes',
    '2026-01-01',
    '1:30',
    '@x',
  ],
  ...[
    '{"__proto__": {x: 1}}',
    'constructor: 1',
    '[[[[[[[[[[]]]]]]]]]]',
    '{}: {}',
    '? ',
    ': ',
    '\t- x',
    '#',
    '\u0085',
    '&a &b c',
  ],
]

const pastAny = (chance: Chance): string =>
  chance.happens(0.5)
    ? pickFrom(chance, yaml, '')
    : JSON.stringify(oddValue(chance)).slice(0, 2_000)

function changedLine(line: string, chance: Chance): string {
  const [, indent = '', name = '', value = ''] = /^(\s*)([^:]*):?(.*)$/.exec(line) ?? []
  switch (chance.int(8)) {
    case 0:
      return `${indent}${name}: ${pastAny(chance)}`
    case 1:
      return `${line}\n${line}`
    case 2:
      return `${' '.repeat(chance.int(6))}${name}:${value}`
    case 3:
      return `${indent}${oddText(chance).slice(0, 200)}:${value}`
    case 4:
      return ''
    case 5:
      return `${indent}${name}: ${oddText(chance).slice(0, 2_000)}`
    case 6:
      return `${indent}${name}: ${JSON.stringify(nested(chance, 1))}`
    default:
      return `${line}\n${pickFrom(chance, yaml, '')}`
  }
}

const bombs: readonly string[] = [
  `a: &a [x, x]\n${Array.from({ length: 9 }, (_, n) => `${n}a: &${n}a [*a, *a, *a]`).join('\n')}`,
  Array.from(
    { length: 30 },
    (_, n) => `b${n}: &b${n} [${n === 0 ? 'x' : `*b${n - 1}, *b${n - 1}, *b${n - 1}`}]`,
  ).join('\n'),
  '['.repeat(5_000),
  '{a: '.repeat(3_000),
  '- '.repeat(3_000),
  `permissions: {${Array.from({ length: 500 }, (_, n) => `a${n}.test: user`).join(', ')}}`,
  `x: ${'a'.repeat(30_000)}`,
  '? '.repeat(2_000),
  '!a '.repeat(2_000),
  '&a '.repeat(2_000),
  '---\n'.repeat(2_000),
  '# x\n'.repeat(5_000),
]

type Input = { readonly text?: string; readonly environment: Readonly<Record<string, string>> }

function hostileText(chance: Chance): string {
  if (chance.happens(0.02)) return `${pickFrom(chance, bombs, '')}\n${validFile}`
  const lines = (chance.happens(0.9) ? validFile : sample).split('\n')
  const count = chance.between(1, 4)
  for (let done = 0; done < count; done++) {
    const at = chance.int(lines.length)
    lines[at] = changedLine(lines[at] ?? '', chance)
  }
  const text = lines.join('\n')
  return chance.happens(0.15) ? mangle(text, chance).toString() : text
}

const variables = allSettings().map(({ path }) => variableOf(path))

function hostileEnvironment(chance: Chance): Readonly<Record<string, string>> {
  const count = chance.happens(0.5) ? 0 : chance.between(1, 4)
  const one = (): readonly [string, string] => {
    const name = chance.happens(0.9)
      ? pickFrom(chance, variables, '')
      : `FOOTBRIDGE_${oddText(chance)}`
    const suffix = chance.happens(0.1) ? '_FILE' : ''
    const value = chance.happens(0.5)
      ? oddText(chance)
      : pickFrom(chance, ['a=b,c', '8000', 'x=user', ',,', '=', 'example.org=admin'], '')
    return [name + suffix, value]
  }
  return Object.fromEntries(Array.from({ length: count }, one))
}

/** An administrator has to see where, what and what to do, each in a line. */
function checkProblem(problem: Problem): void {
  const { where, what, mend } = problem
  for (const text of [where, what, mend])
    promise(
      text.trim() !== '' && !/[\r\n]/.test(text),
      `a problem in no words: ${describeFound(problem)}`,
    )
  promise(formatProblem(problem).length < 8_000, 'a problem longer than a screen')
}

function check(input: Buffer, measure: Measure): void {
  const { text, environment } = fromInput(input) as Input
  const file = text === undefined ? {} : { file: { path: '/etc/footbridge/config.yaml', text } }
  const readFile = (path: string): string => {
    if (path.length % 2 === 0) return 'a-secret-of-some-length-in-a-file'
    throw new Error('ENOENT: no such file')
  }
  const loaded = measure(() => loadConfig({ ...file, environment, readFile, folder: '/srv' }))
  const problems = 'problems' in loaded ? loaded.problems : loaded.warnings
  promise(!('problems' in loaded) || problems.length > 0, 'neither a configuration nor a problem')
  for (const problem of problems) checkProblem(problem)
}

export const configTarget: Target = {
  name: 'config',
  share: 15,
  make(chance) {
    const environment = hostileEnvironment(chance)
    return toInput(
      chance.happens(0.03) ? { environment } : { text: hostileText(chance), environment },
    )
  },
  check,
}
