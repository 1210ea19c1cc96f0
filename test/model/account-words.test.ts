import { expect, test } from '@jest/globals'
import { searchWords, wordsOfAccount } from '../../src/model/account-words.ts'

test.each<[string, readonly string[]]>([
  ['Jane Doe', ['jane', 'doe']],
  ['  JANE,jane · Doe! ', ['jane', 'doe']],
  ['Ünïcode Ａｌｉｃｅ', ['ünïcode', 'alice']],
  ['花子 🦊', ['花子']],
  ['', []],
  ['🦊 %_', []],
])('%j', (text, words) => {
  expect(searchWords(text)).toEqual(words)
})

test('however long a name is, its words are few and short', () => {
  const words = searchWords(
    `${'a'.repeat(200)} ${Array.from({ length: 400 }, (_, i) => i).join(' ')}`,
  )
  expect(words).toHaveLength(20)
  expect(words[0]).toBe('a'.repeat(40))
})

test('an account has the words of its handle and of its name', () => {
  const account = { username: 'jane_doe', host: 'social.example', name: 'Dr. Jane' }
  expect(wordsOfAccount(account)).toEqual(['jane', 'doe', 'dr', 'social', 'example'])
})
