// Hands cards to the readers of other projects. One JSON object a line comes in, {"reader": ..., "card": ...};
// one goes out for each, {"ok": true or false, "why": ...}.
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
