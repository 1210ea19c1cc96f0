import type { RemoteActor } from '../model/actor.ts'
import { formatHandle } from '../model/handle.ts'
import { safeName } from '../model/names.ts'
import { matrixText, toMatrixTree } from './html-to-matrix.ts'
import type { MatrixText } from './html-to-matrix.ts'
import { br, cutTree, element, isBlank } from './html-tree.ts'
import type { Html } from './html-tree.ts'
import { toPlainText } from './plain-text.ts'

const maxBio = 5_000
const maxValue = 1_000

const isProgram = ({ kind }: RemoteActor): boolean => kind === 'Service' || kind === 'Application'

/** What is worth knowing before somebody writes to the account or asks to follow it. */
export const marksOf = (actor: RemoteActor): readonly string[] => [
  ...(isProgram(actor) ? ['🤖 automated'] : []),
  ...(actor.details?.isLocked === true ? ['🔒 approves its followers'] : []),
]

/** What the account says about itself. */
const bioOf = ({ summary = '' }: RemoteActor): readonly Html[] =>
  cutTree(toMatrixTree(summary), maxBio).nodes

/** A value stands beside its name: its paragraphs are one line. */
function lineOf(name: string, value: string): Html[] {
  const nodes = cutTree(toMatrixTree(value), maxValue).nodes.flatMap((node): readonly Html[] =>
    typeof node !== 'string' && node.tag === 'p' ? [...node.children, ' '] : [node],
  )
  return isBlank(nodes) ? [] : [element('strong', [safeName(name, 100)]), ': ', ...nodes]
}

/** The table of the account, a line each. */
function tableOf({ details }: RemoteActor): Html[] {
  const lines = (details?.fields ?? []).map(({ name, value }) => lineOf(name, value))
  const said = lines.filter((line) => line.length > 0)
  const all = said.flatMap((line, index) => (index === 0 ? line : [br, ...line]))
  return all.length === 0 ? [] : [element('p', all)]
}

/** Where the bridge is, and the handle of its own account on the fediverse. */
export type Bridge = { readonly publicUrl: string }

const link = (href: string, text: string): Html => element('a', [text], { href })

/** That it is a fediverse account, whose bridge shows it, and how its owner ends that. */
function originOf(actor: RemoteActor, { publicUrl }: Bridge): Html {
  const { host } = new URL(publicUrl)
  return element('p', [
    '🌉 Bridged from ',
    link(actor.url ?? actor.id, formatHandle(actor)),
    ' on the fediverse by ',
    link(`${publicUrl}/`, `Footbridge at ${host}`),
    `. Its owner ends that by writing "stop" to @${host}@${host}, or with #nobridge in their profile.`,
  ])
}

/** What the profile of its ghost says about an account: its text, its table, its marks, and where it is from. */
export function aboutAccount(actor: RemoteActor, bridge: Bridge): MatrixText {
  const marks = marksOf(actor)
  const last = marks.length === 0 ? [] : [element('p', [marks.join(' · ')])]
  return matrixText([...bioOf(actor), ...tableOf(actor), ...last, originOf(actor, bridge)])
}

/** The first line of its text. */
export function firstLineOf(actor: RemoteActor): string {
  const [line = ''] = toPlainText(bioOf(actor)).split('\n')
  return safeName(line, 150)
}
