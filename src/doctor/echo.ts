import { echoHeader, echoPath, echoProof, echoQuestion, type Echo } from '../model/echo.ts'
import type { HttpResponse } from '../model/http.ts'
import { ask, jsonOf, objectAt, textAt, type Json, type Silence } from './ask.ts'
import type { Means, Patient } from './ports.ts'

/** What came back of a request to our own public URL. */
export type Echoed =
  /** It arrived here, so. */
  | { readonly echo: Echo }
  /** Somebody else answered. */
  | { readonly other: HttpResponse }
  | Silence

/** A query as others write them: a proxy that spells it anew breaks signatures. */
export const echoTarget = `${echoPath}?resource=acct%3Aa%40b.example&plus=a+b`

function readEcho(answer: Json | undefined): Echo | undefined {
  const { size } = answer ?? {}
  const headers = objectAt(answer, 'headers')
  const [proof, method, target] = ['proof', 'method', 'target'].map((key) => textAt(answer, key))
  if (proof === undefined || method === undefined || target === undefined) return undefined
  if (headers === undefined || typeof size !== 'number') return undefined
  const texts = Object.entries(headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return { proof, method, target, headers: Object.fromEntries(texts), size }
}

/** Sends a request to ourselves by our public URL. */
export async function sendToUs(
  { publicUrl, hsToken }: { readonly publicUrl: string; readonly hsToken: string },
  { web, now }: Pick<Means, 'web' | 'now'>,
  request: {
    readonly method: 'GET' | 'POST'
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  },
): Promise<Echoed> {
  const asked = now()
  const headers = { ...request.headers, [echoHeader]: echoQuestion(hsToken, asked) }
  const answer = await ask(web, { ...request, headers, url: `${publicUrl}${echoTarget}` })
  if ('silent' in answer) return answer
  const echo = answer.status === 200 ? readEcho(jsonOf(answer)) : undefined
  if (echo === undefined || echo.proof !== echoProof(hsToken, asked)) return { other: answer }
  return { echo }
}

export const usIn = ({ activitypub, appservice }: Patient) => ({
  publicUrl: activitypub.publicUrl,
  hsToken: appservice.hsToken,
})
