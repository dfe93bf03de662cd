// Hands what Dramatis made to the readers of other projects. One JSON object a line comes in, {"reader": ..., "card": ...};
// one goes out for each, {"ok": true or false, "why": ...}, with what was read as "value" where somebody wants to know.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'

const readers = {
  // Strict judges of V2; the second wants the V1 fields at the top as well.
  v2: async card => zod((await cards()).v2, card),
  backfilled: async card => zod((await cards()).backfilledV2, card),
  // A strict judge of V3: it says which version a card is.
  v3: async card => {
    const { CCardLib } = await import('@risuai/ccardlib')
    const version = CCardLib.character.check(card)
    return { ok: version === 'v3', why: version }
  },
  eliza: async card => {
    const { validateCharacter } = await import('@elizaos/core')
    const verdict = validateCharacter(card)
    return { ok: verdict.success, why: verdict.success ? '' : JSON.stringify(verdict.error.issues) }
  },
  // How long X finds a text, and whether it takes it.
  length: async text => {
    const { weightedLength, valid } = (await import('twitter-text')).default.parseTweet(text)
    return { ok: true, value: [weightedLength, valid] }
  },
  // The appointments of a calendar file; their moments by the time zones in the file alone.
  calendar: async text => {
    const ICAL = (await import('ical.js')).default
    const whole = new ICAL.Component(ICAL.parse(text))
    const events = whole.getAllSubcomponents('vevent').map(one => new ICAL.Event(one))
    const told = one => ({
      id: one.uid,
      at: one.startDate.toUnixTime(),
      zone: one.startDate.zone.tzid,
      title: one.summary,
      words: one.description,
    })
    return { ok: true, value: events.map(told) }
  },
  // The rows of a parquet file; in place of bytes, their digest.
  parquet: async path => {
    const { asyncBufferFromFile, parquetReadObjects } = await import('hyparquet')
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path), utf8: false })
    const plain = (_, one) =>
      one instanceof Uint8Array ? createHash('sha256').update(one).digest('hex') : typeof one === 'bigint' ? Number(one) : one
    return { ok: true, value: JSON.parse(JSON.stringify(rows, plain)) }
  },
}

async function cards() {
  return (await import('character-card-utils')).default
}

function zod(schema, card) {
  const verdict = schema.safeParse(card)
  return { ok: verdict.success, why: verdict.success ? '' : JSON.stringify(verdict.error.issues) }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { reader, card } = JSON.parse(line)
  process.stdout.write(JSON.stringify(await readers[reader](card)) + '\n')
}
