/** The anchors of the headings of a document in Markdown, as GitHub makes them; code has none. */
export const anchorsOf = (text: string): readonly string[] =>
  [...text.replace(/^ *```[^]*?^ *```/gm, '').matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )
