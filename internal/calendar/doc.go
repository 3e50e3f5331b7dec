// Package calendar knows hours: those a customer bought, those in which a step
// of a policy may page, public holidays, and time that counts only while a
// calendar is open (the clock of a GTI). It is pure and imports no other
// package of this module.
//
// A [Calendar] is made by [New] from weekly [Span]s in a time zone and from
// [Holidays], by [OnHolidays], or by [Always]. It answers three questions: whether it is open
// ([Calendar.Open]), when that changes ([Calendar.NextOpen],
// [Calendar.NextClosed]), and how open time adds up ([Calendar.Add],
// [Calendar.Between]). One of [OnHolidays] is open on holidays alone.
//
// Public holidays are rules, a file a country (france.go, switzerland.go …), which
// [PublicHolidays] lists; a calendar keeps them as a table of bits. What each
// country's law is stands with its rules, and docs/adr/0036-holidays.md says
// which days count.
//
// # Changes of the clock
//
// One rule decides everything: a calendar is open while the clock on the wall
// of its location reads a time inside a span on a day that is no holiday, and
// an hour is an hour of real time. So where the clocks go forward over part of
// a span, that part does not exist and is not counted: 01:00-04:00 is two hours
// long, 02:30-04:00 opens as the clocks jump to 03:00, and 02:00-03:00 does
// not open at all. Where the clocks go back, a time that the wall shows twice
// is open twice: 01:00-04:00 is four hours long, and 02:30-03:00 opens, closes
// as the clocks go back to 02:00, and opens again.
//
// The walk over open stretches (walk.go) goes from one period of constant
// offset to the next; inside one, local time is plain arithmetic.
package calendar
