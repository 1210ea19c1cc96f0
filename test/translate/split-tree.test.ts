import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { element, renderHtml, textOf, type Html } from '../../src/translate/html-tree.ts'
import { cpuTime } from '../support/cpu.ts'
import { splitTree } from '../../src/translate/split-tree.ts'

const { nodes } = fc.letrec<{ nodes: Html[]; node: Html }>((tie) => ({
  nodes: fc.array(tie('node'), { maxLength: 6 }),
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('word ', 'two words', '😀😀', 'a', ' ', 'long'.repeat(30)),
    fc.constant(element('br', [])),
    fc
      .tuple(fc.constantFrom('p', 'b', 'ol', 'li', 'pre', 'blockquote'), tie('nodes'))
      .map(([tag, children]) => element(tag, children)),
  ),
}))

const textIn = (tree: readonly Html[]): string => renderHtml(tree).replace(/<[^>]*>/g, '')

test('both halves together say the same, and the first no more than fits', () => {
  const property = fc.property(nodes, fc.nat(200), (tree, max) => {
    const { head, tail } = splitTree(tree, max)
    expect(textIn(head) + textIn(tail)).toBe(textIn(tree))
    expect(textIn(head).length).toBeLessThanOrEqual(max)
    expect(textIn(head).isWellFormed()).toBe(true)
  })
  fc.assert(property, { numRuns: 3000, seed: 20_261_129 })
})

test('what fits is not split', () => {
  const tree = [element('p', ['a']), 'b']
  expect(splitTree(tree, 10)).toEqual({ head: tree, tail: [] })
})

test('many neighbours cost no more than their number', async () => {
  const tree = Array.from({ length: 40_000 }, () => element('p', ['a']))
  expect(await cpuTime(() => splitTree(tree, 100_000))).toBeLessThan(200)
})

test('a short block goes on whole', () => {
  const tree = [element('p', ['a'.repeat(80)]), element('p', ['b b '.repeat(6)])]
  expect(splitTree(tree, 100).tail).toEqual([tree[1]])
})

test('a long block is split behind a space, a list at an item', () => {
  const { head, tail } = splitTree([element('p', ['word '.repeat(100)])], 102)
  expect([textOf(head).length, textOf(tail).startsWith(' word')]).toEqual([102, true])
  const list = element(
    'ol',
    Array.from({ length: 9 }, (_, at) => element('li', [`item ${at}`])),
  )
  expect(renderHtml(splitTree([list], 30).tail)).toMatch(/^<ol start="5"><li>item 4<\/li>/)
})
