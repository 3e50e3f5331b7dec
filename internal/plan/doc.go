// Package plan is the plan of the house: the interventions of all tickets, in the order
// of time, for whoever looks at a week and for people's calendars.
//
// An intervention is written on its ticket, in the home of that ticket's source. The same
// commit leaves an errand (ticket.Errand), which a [Keeper] carries out: it puts the
// intervention into the [Book] of the house. Errands also carry links to the other
// ticket. So what spans two homes is written on one and done to the other.
package plan
