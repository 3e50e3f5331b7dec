'use strict'
// Prints the public holidays that date-holidays has for the places on standard
// input, as JSON: {places: [[country, state, region], …], first, last}, years both included.
globalThis.self = globalThis
const Holidays = (lib => lib.default || lib)(require(process.argv[2]))
const { places, first, last } = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const found = []
for (const place of places) {
  const of = new Holidays(...place)
  for (let year = first; year <= last; year++) {
    for (const day of of.getHolidays(year)) {
      if (day.type === 'public') found.push({ place: place.join('-'), date: day.date.slice(0, 19), name: day.name, rule: day.rule })
    }
  }
}
process.stdout.write(JSON.stringify(found))
