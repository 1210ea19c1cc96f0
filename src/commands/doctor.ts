import type { Command } from './command.ts'
import type { Finding } from '../model/finding.ts'
import { pageOf } from '../model/trouble.ts'
import { capitalised } from './words.ts'

const plain = (text: string): string => text.replaceAll('`', "'")

const marks = { ok: '✓', skipped: '–', warning: '!', failed: '✗' } as const

/** One line where all is well; else what, why and what to change. */
function linesOf(finding: Finding): readonly string[] {
  const head = `${marks[finding.result]} ${capitalised(finding.check)}: ${plain(finding.what)}`
  if (!('mend' in finding)) return [head]
  return [
    head,
    plain(finding.why),
    `\`${plain(finding.mend)}\``,
    `More: ${pageOf(finding.trouble)}`,
  ]
}

function verdict(findings: readonly Finding[]): string {
  const count = (result: Finding['result']) =>
    findings.filter((finding) => finding.result === result).length
  const [failed, warnings] = [count('failed'), count('warning')]
  if (failed === 0 && warnings === 0) return 'All is well.'
  const rest = warnings === 0 ? '' : `, ${warnings} worth a look`
  return failed === 0 ? `Nothing has to be mended${rest}.` : `To be mended: ${failed}${rest}.`
}

/** What is wrong comes first: a long answer is read from above. */
const weight = { failed: 0, warning: 1, skipped: 2, ok: 3 } as const

export const doctor: Command = {
  name: 'doctor',
  args: '',
  help: 'Looks whether everything around me is as it has to be, and says what to change.',
  more: 'It asks your server, my own public address and a large server elsewhere. On the machine itself, `footbridge doctor` does the same, also while I do not run.',
  examples: ['doctor'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 0],
  doing: () => 'Looking at everything. It takes up to a minute.',
  run: async (_, { deps }) => {
    const findings = await deps.examine()
    if (findings.length === 0) return { text: 'There is nothing here that I could look at.' }
    const sorted = findings.toSorted((a, b) => weight[a.result] - weight[b.result])
    return { text: [verdict(findings), ...sorted.flatMap(linesOf)].join('\n') }
  },
}
