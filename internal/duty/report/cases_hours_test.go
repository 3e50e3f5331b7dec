package report

import (
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/duty"
)

// aWeek is that of Alice, 5 to 12 November 2026, in which the 11th is a holiday.
const aWeek = "on call 168:00 (working 36:00, evening 28:00, night 32:00, weekend 48:00, holiday 24:00), nights 7, weekend days 2, holidays 1"

// hers is a rotation of Alice's alone from 5 to 12 November.
func hers(outside *calendar.Calendar) contacts.Group {
	g := weeks([]string{"alice"})
	g.Rotations[0].First, g.Rotations[0].Until, g.Rotations[0].Outside = date("2026-11-05"), date("2026-11-12"), outside
	return g
}

func hoursCases() []worked {
	paid := rule()
	paid.Rates = &Rates{Currency: "EUR", Cents: map[Kind]int64{Working: 0, Evening: 250, Night: 500, Weekend: 600, Holiday: 1000, Intervention: 3000}}
	some := rule()
	some.Rates = &Rates{Currency: "EUR", Cents: map[Kind]int64{Night: 500}}
	newYork := rule()
	newYork.HoursOf = map[string]*calendar.Calendar{"ny": business(zone("America/New_York"), "")}
	evening := func(r Rule, cover ...duty.Replacement) Input {
		return Input{
			From: date("2026-10-01"), To: date("2026-12-01"), Replacements: cover,
			Versions: on(version("2026-01-01 00:00", r, crew, nobody("on-call"), nobody("second"), nobody("ny"))),
		}
	}
	november := func(r Rule, g contacts.Group) Input {
		return Input{From: date("2026-11-01"), To: date("2026-12-01"), Versions: on(version("2026-01-01 00:00", r, crew, g))}
	}
	return []worked{
		{
			name: "A week", says: "Alice is on call from Thursday 5 November, 09:00, to Thursday the 12th, 09:00. The 11th is a public holiday.",
			in: november(rule(), hers(nil)), want: list("Alice Martin 2026-11: " + aWeek),
		},
		{
			name: "A week outside working hours", says: "The same week, by a layer with `outside: business`.",
			in:   november(rule(), hers(business(zone("Europe/Paris"), "FR"))),
			want: list("Alice Martin 2026-11: on call 132:00 (evening 28:00, night 32:00, weekend 48:00, holiday 24:00), nights 7, weekend days 2, holidays 1"),
		},
		{
			name: "A week that is paid", says: "The same, at 2.50 an hour of evening, 5.00 of night, 6.00 of weekend, 10.00 of holiday: 70.00 + 160.00 + 288.00 + 240.00.",
			in:   november(paid, hers(business(zone("Europe/Paris"), "FR"))),
			want: list("Alice Martin 2026-11: on call 132:00 (evening 28:00, night 32:00, weekend 48:00, holiday 24:00), nights 7, weekend days 2, holidays 1, 758.00 EUR"),
		},
		{
			name: "A night", says: "Monday 2 November 22:00 to 06:00, over midnight.",
			in:   evening(rule(), cover("a", "on-call", "alice", "", "2026-11-02 22:00", "2026-11-03 06:00")),
			want: list("Alice Martin 2026-11: on call 8:00 (night 8:00), nights 1, stood in 1× 8:00"),
		},
		{
			name: "Rates for nights alone", says: "Monday 18:00 to midnight, and only hours of night have a rate: 2 × 5.00, and the rest is left open.",
			in:   evening(some, cover("a", "on-call", "alice", "", "2026-11-02 18:00", "2026-11-03 00:00")),
			want: list("Alice Martin 2026-11: on call 6:00 (evening 4:00, night 2:00), stood in 1× 6:00, 10.00 EUR"),
		},
		{
			name: "The clocks go forward", says: "Saturday 28 March 2026 20:00 to Sunday 08:00: the night has 7 hours, and all are of the weekend.",
			in: Input{
				From: date("2026-03-01"), To: date("2026-04-01"), Versions: on(version("2026-01-01 00:00", rule(), crew, nobody("on-call"))),
				Replacements: list(cover("a", "on-call", "alice", "", "2026-03-28 20:00", "2026-03-29 08:00")),
			},
			want: list("Alice Martin 2026-03: on call 11:00 (weekend 11:00), nights 1, stood in 1× 11:00"),
		},
		{
			name: "The clocks go back", says: "Saturday 24 October 2026 20:00 to Sunday 08:00: the night has 9 hours.",
			in:   evening(rule(), cover("a", "on-call", "alice", "", "2026-10-24 20:00", "2026-10-25 08:00")),
			want: list("Alice Martin 2026-10: on call 13:00 (weekend 13:00), nights 1, stood in 1× 13:00"),
		},
		{
			name: "A holiday on a Sunday", says: "Sunday 1 November 2026, midnight to midnight: it is a holiday and no day of the weekend. Its first hours are most of the night that began on 31 October.",
			in:   evening(rule(), cover("a", "on-call", "alice", "", "2026-11-01 00:00", "2026-11-02 00:00")),
			want: list("Alice Martin 2026-10: nights 1", "Alice Martin 2026-11: on call 24:00 (holiday 24:00), holidays 1, stood in 1× 24:00"),
		},
		{
			name: "The month's edge", says: "Saturday 31 October 20:00 to Sunday 08:00.",
			in: evening(rule(), cover("a", "on-call", "alice", "", "2026-10-31 20:00", "2026-11-01 08:00")),
			want: list("Alice Martin 2026-10: on call 4:00 (weekend 4:00), nights 1, stood in 1× 4:00",
				"Alice Martin 2026-11: on call 8:00 (holiday 8:00), stood in 0× 8:00"),
		},
		{
			name: "Two together", says: "Alice and Bruno have the turn of 5 November together: each has all hours.",
			in: func() Input {
				in := november(rule(), weeks([]string{"chloe"}, []string{"alice", "bruno"}, []string{"chloe"}))
				in.From, in.To = date("2026-11-06"), date("2026-11-07")
				return in
			}(),
			want: list("Alice Martin 2026-11: on call 24:00 (working 9:00, evening 7:00, night 8:00), nights 1",
				"Bruno Petit 2026-11: on call 24:00 (working 9:00, evening 7:00, night 8:00), nights 1"),
		},
		{
			name: "In two groups at once", says: "Monday 18:00 to Tuesday 09:00 in one group, Monday 20:00 to Tuesday 10:00 in another: an hour counts once, 16 in all.",
			in: evening(rule(), cover("a", "on-call", "alice", "", "2026-11-02 18:00", "2026-11-03 09:00"),
				cover("b", "second", "alice", "", "2026-11-02 20:00", "2026-11-03 10:00")),
			want: list("Alice Martin 2026-11: on call 16:00 (working 1:00, evening 7:00, night 8:00), nights 1, stood in 2× 29:00"),
		},
		{
			name: "Another country's clock", says: "A group in New York, Monday 22:00 to Tuesday 06:00 there, which is 04:00 to 12:00 in Paris: a night, by the clock of those hours.",
			in: func() Input {
				in := evening(newYork, cover("a", "ny", "alice", "", "2026-11-03 04:00", "2026-11-03 12:00"))
				return in
			}(),
			want: list("Alice Martin 2026-11: on call 8:00 (night 8:00), nights 1, stood in 1× 8:00"),
		},
		{
			name: "Always there", says: "Dominique takes no turns in the group, and stands behind it all day: that is told apart from hours on call.",
			in: func() Input {
				g := hers(nil)
				g.People = list("dominique")
				in := november(rule(), g)
				in.From, in.To = date("2026-11-06"), date("2026-11-07")
				return in
			}(),
			want: list("Alice Martin 2026-11: on call 24:00 (working 9:00, evening 7:00, night 8:00), nights 1", "Dominique 2026-11: always 24:00"),
		},
		{
			name: "A calendar that is kept elsewhere", says: "A group whose calendar names Chloé from Monday 2 November 18:00 to Tuesday 09:00; Bruno covers her from 22:00 on.",
			in: func() Input {
				g := nobody("abroad")
				g.Imported = true
				return Input{
					From: date("2026-11-01"), To: date("2026-12-01"), Versions: on(version("2026-01-01 00:00", rule(), crew, g)),
					Replacements: list(cover("a", "abroad", "bruno", "chloe", "2026-11-02 22:00", "2026-11-03 09:00")),
					Shifts: func(*contacts.Directory) []contacts.Shift {
						return list(contacts.Shift{Group: "abroad", Person: "chloe", From: paris("2026-11-02 18:00"), To: paris("2026-11-03 09:00")})
					},
				}
			}(),
			want: list("Bruno Petit 2026-11: on call 11:00 (evening 3:00, night 8:00), nights 1, stood in 1× 11:00",
				"Chloé Roux 2026-11: on call 4:00 (evening 4:00), replaced 1× 11:00"),
		},
		{
			name: "Not over yet", says: "The same day, counted on it at 12:00: what is to come is not counted.",
			in: func() Input {
				in := november(rule(), hers(nil))
				in.From, in.Now = date("2026-11-06"), paris("2026-11-06 12:00")
				return in
			}(),
			want: list("Alice Martin 2026-11: on call 12:00 (working 3:00, evening 3:00, night 6:00)"),
		},
	}
}

func changeCases() []worked {
	all := func(replacements ...duty.Replacement) Input {
		return Input{From: date("2026-11-05"), To: date("2026-11-20"), Versions: usual(), Replacements: replacements, Now: paris("2026-11-12 09:00")}
	}
	swap := duty.Replacement{
		ID: "a", Kind: duty.Swap, Group: "on-call", Person: "alice", With: "bruno", State: duty.Planned, Turn: 1,
		Hours: duty.Hours{From: paris("2026-11-05 09:00"), To: paris("2026-11-12 09:00")}, Theirs: duty.Hours{From: paris("2026-11-12 09:00"), To: paris("2026-11-19 09:00")},
	}
	dropped := cover("a", "on-call", "bruno", "alice", "2026-11-07 09:00", "2026-11-08 21:00")
	dropped.State, dropped.Since = duty.Dropped, paris("2026-11-07 21:00")
	offered := cover("a", "on-call", "bruno", "alice", "2026-11-07 09:00", "2026-11-08 21:00")
	offered.State = duty.Lapsed
	besides := cover("a", "on-call", "chloe", "", "2026-11-07 09:00", "2026-11-07 21:00")
	besides.Kind = duty.Besides
	without := func(in Input, from, to string) Input {
		in.From, in.To, in.Now = date(from), date(to), time.Time{}
		return in
	}
	changed := Input{
		From: date("2026-11-09"), To: date("2026-11-11"),
		Versions: on(version("2026-01-01 00:00", rule(), crew, alone("alice")), version("2026-11-10 12:00", rule(), crew, alone("bruno"))),
	}
	back := Input{
		From: date("2026-11-09"), To: date("2026-11-10"),
		Versions: on(version("2026-01-01 00:00", rule(), crew, alone("alice")), version("2026-11-09 10:00", rule(), crew, alone("bruno")),
			version("2026-11-09 12:00", rule(), crew, alone("alice"))),
	}
	left := Input{
		From: date("2026-11-09"), To: date("2026-11-12"), Replacements: list(cover("a", "on-call", "alice", "bruno", "2026-11-10 18:00", "2026-11-11 09:00")),
		Versions: on(version("2026-01-01 00:00", rule(), crew, alone("bruno")), version("2026-11-10 22:00", rule(), crew[1:], alone("bruno"))),
	}
	return []worked{
		{
			name: "A cover in the middle", says: "Bruno covers Alice's usual week from Saturday 7 November 09:00 to Sunday 21:00.",
			in: all(cover("a", "on-call", "bruno", "alice", "2026-11-07 09:00", "2026-11-08 21:00")),
			want: list("Alice Martin 2026-11: on call 132:00 (working 36:00, evening 28:00, night 32:00, weekend 12:00, holiday 24:00), nights 6, holidays 1, replaced 1× 36:00",
				"Bruno Petit 2026-11: on call 45:00 (evening 3:00, night 6:00, weekend 36:00), nights 1, weekend days 2, stood in 1× 36:00"),
		},
		{
			name: "A cover that was taken back", says: "The same, dropped on Saturday at 21:00: it holds until then, and each had half of that day.",
			in: without(all(dropped), "2026-11-07", "2026-11-09"),
			want: list("Alice Martin 2026-11: on call 36:00 (weekend 36:00), nights 2, weekend days 2, replaced 1× 12:00",
				"Bruno Petit 2026-11: on call 12:00 (weekend 12:00), weekend days 1, stood in 1× 12:00"),
		},
		{
			name: "An offer that nobody accepted", says: "The same as an offer: nothing changes.",
			in:   without(all(offered), "2026-11-07", "2026-11-09"),
			want: list("Alice Martin 2026-11: on call 48:00 (weekend 48:00), nights 2, weekend days 2"),
		},
		{
			name: "Besides", says: "Chloé is on call besides, Saturday 09:00 to 21:00: nobody is replaced.",
			in: without(all(besides), "2026-11-07", "2026-11-08"),
			want: list("Alice Martin 2026-11: on call 24:00 (weekend 24:00), nights 1, weekend days 1",
				"Chloé Roux 2026-11: on call 12:00 (weekend 12:00), weekend days 1, stood in 1× 12:00"),
		},
		{
			name: "A swap", says: "Alice and Bruno change their weeks, 5 to 12 and 12 to 19 November.",
			in: without(all(swap), "2026-11-06", "2026-11-19"),
			want: list("Alice Martin 2026-11: on call 159:00 (working 45:00, evening 32:00, night 34:00, weekend 48:00), nights 7, weekend days 2, stood in 1× 159:00, replaced 0× 153:00",
				"Bruno Petit 2026-11: on call 153:00 (working 27:00, evening 24:00, night 30:00, weekend 48:00, holiday 24:00), nights 6, weekend days 2, holidays 1, stood in 0× 153:00, replaced 1× 159:00"),
		},
		{
			name: "Half a night each", says: "Bruno takes Alice's night of Monday 9 November over at 02:00: each had half of it, and it counts for both. Of the night of the 10th he takes three hours of eight, and it is hers.",
			in: without(all(cover("a", "on-call", "bruno", "alice", "2026-11-10 02:00", "2026-11-10 06:00"), cover("b", "on-call", "bruno", "alice", "2026-11-11 03:00", "2026-11-11 06:00")), "2026-11-09", "2026-11-11"),
			want: list("Alice Martin 2026-11: on call 44:00 (working 18:00, evening 14:00, night 12:00), nights 2, replaced 1× 4:00",
				"Bruno Petit 2026-11: on call 4:00 (night 4:00), nights 1, stood in 1× 4:00"),
		},
		{
			name: "A handover that keeps the outgoing one", says: "Alice's week ends on Thursday 12 November at 09:00. Bruno confirms at 09:40: she stays on beside him until then.",
			in: Input{
				From: date("2026-11-12"), To: date("2026-11-13"), Versions: usual(), Handovers: list(stays("bruno", "2026-11-12 09:00", "2026-11-12 09:40")),
			},
			want: list("Alice Martin 2026-11: on call 9:40 (working 0:40, evening 3:00, night 6:00)",
				"Bruno Petit 2026-11: on call 15:00 (working 9:00, evening 4:00, night 2:00), nights 1"),
		},
		{
			name: "A configuration that changed", says: "Alice has every day, until a reload on Tuesday 10 November at 12:00 gives every day to Bruno. Counted are the 9th and the 10th.",
			in: changed,
			want: list("Alice Martin 2026-11: on call 36:00 (working 12:00, evening 10:00, night 14:00), nights 1",
				"Bruno Petit 2026-11: on call 12:00 (working 6:00, evening 4:00, night 2:00), nights 1"),
		},
		{
			name: "And back", says: "A reload on Monday at 10:00 gives every day to Bruno, another at 12:00 gives them back to Alice.",
			in: back,
			want: list("Alice Martin 2026-11: on call 22:00 (working 7:00, evening 7:00, night 8:00), nights 1",
				"Bruno Petit 2026-11: on call 2:00 (working 2:00)"),
		},
		{
			name: "Somebody who left", says: "Alice covers Bruno from Tuesday 10 November 18:00 to Wednesday 09:00. At 22:00 a reload removes her from the configuration: her replacement is void from then on, and what she did before stays hers.",
			in: left,
			want: list("Alice Martin 2026-11: on call 4:00 (evening 4:00), stood in 1× 4:00",
				"Bruno Petit 2026-11: on call 68:00 (working 18:00, evening 10:00, night 16:00, holiday 24:00), nights 3, holidays 1, replaced 1× 4:00"),
		},
	}
}

func workCases() []worked {
	of := func(pasts ...Past) Input {
		return Input{From: date("2026-11-01"), To: date("2026-12-01"), Versions: on(version("2026-01-01 00:00", rule(), crew, nobody("on-call"))), Pasts: pasts}
	}
	october := of(acts("I1", "begun alice 2026-10-31 23:30", "ended - 2026-11-01 00:45"))
	october.From = date("2026-10-01")
	going := of(acts("I1", "begun alice 2026-11-09 14:00"))
	going.Now = paris("2026-11-09 15:30")
	return []worked{
		{
			name: "Woken twice", says: "Pages on Monday at 14:00, at 23:00 and 23:10, and at 02:00: those at 23:00 and 23:10 wake once.",
			in:   of(calledAt("I1", "alice", "2026-11-02 14:00"), calledAt("I2", "alice", "2026-11-02 23:00", "2026-11-02 23:10", "2026-11-03 02:00")),
			want: list("Alice Martin 2026-11: pages 4, woken 2"),
		},
		{
			name: "Over the month's edge", says: "Picked up on Saturday 31 October at 23:30, resolved on 1 November at 00:45. It also leaves no 35 hours: 29:30 from Friday 18:00 on, and 32:15 until Monday 09:00.",
			in:   october,
			want: list("Alice Martin 2026-10: I1 31 23:30 to 01 00:00, worked 0:30 (weekend 0:30), weekly rest 32:15 of 26 00:00 to 02 00:00, broken until 01 00:45", "Alice Martin 2026-11: I1 01 00:00 to 01 00:45, worked 0:45 (holiday 0:45)"),
		},
		{
			name: "Two tickets at once", says: "Saturday 20:00 to 21:00 and 20:30 to 21:30: an hour and a half of work.",
			in:   of(acts("I1", "begun alice 2026-11-07 20:00", "ended alice 2026-11-07 21:00"), acts("I2", "begun alice 2026-11-07 20:30", "ended - 2026-11-07 21:30")),
			want: list("Alice Martin 2026-11: I1 07 20:00 to 07 21:00, I2 07 20:30 to 07 21:30, worked 1:30 (weekend 1:30)"),
		},
		{
			name: "Taken over", says: "Alice picks up on Saturday at 20:00, Bruno at 20:40; it is resolved at 21:00.",
			in: of(acts("I1", "begun alice 2026-11-07 20:00", "begun bruno 2026-11-07 20:40", "ended bruno 2026-11-07 21:00")),
			want: list("Alice Martin 2026-11: I1 07 20:00 to 07 20:40, worked 0:40 (weekend 0:40)",
				"Bruno Petit 2026-11: I1 07 20:40 to 07 21:00, worked 0:20 (weekend 0:20)"),
		},
		{
			name: "Resolved too soon", says: "Picked up on Saturday at 20:00, resolved at 20:30, undone at 20:33, resolved at 21:00: one intervention.",
			in:   of(acts("I1", "begun alice 2026-11-07 20:00", "ended alice 2026-11-07 20:30", "undone alice 2026-11-07 20:33", "ended alice 2026-11-07 21:00")),
			want: list("Alice Martin 2026-11: I1 07 20:00 to 07 21:00, worked 1:00 (weekend 1:00)"),
		},
		{
			name: "Passed on", says: "Picked up on Saturday at 20:00, passed on at 20:15: nobody picks it up again.",
			in:   of(acts("I1", "begun alice 2026-11-07 20:00", "dropped alice 2026-11-07 20:15", "ended - 2026-11-07 23:00")),
			want: list("Alice Martin 2026-11: I1 07 20:00 to 07 20:15, worked 0:15 (weekend 0:15)"),
		},
		{
			name: "Still at it", says: "Picked up on Monday at 14:00, counted at 15:30.",
			in:   going,
			want: list("Alice Martin 2026-11: I1 09 14:00 to 09 15:30, worked 1:30 (working 1:30)"),
		},
		{
			name: "Daily rest that was broken", says: "Work ends on Monday at 18:00 and begins on Tuesday at 09:00. An intervention from 23:30 to 00:30 leaves 5:30 before and 8:30 after it: less than 11 hours, so work may begin at 11:30.",
			in:   of(acts("I1", "begun alice 2026-11-02 23:30", "ended alice 2026-11-03 00:30")),
			want: list("Alice Martin 2026-11: I1 02 23:30 to 03 00:30, worked 1:00 (night 1:00), daily rest 8:30 of 02 18:00 to 03 09:00, broken until 03 00:30"),
		},
		{
			name: "Daily rest that was had before", says: "An intervention from 05:30 to 06:30: rest was had from 18:00 on, 11:30.",
			in:   of(acts("I1", "begun alice 2026-11-03 05:30", "ended alice 2026-11-03 06:30")),
			want: list("Alice Martin 2026-11: I1 03 05:30 to 03 06:30, worked 1:00 (evening 0:30, night 0:30)"),
		},
		{
			name: "Weekly rest that was broken", says: "Interventions on Saturday 12:00 to 13:00 and on Sunday 10:00 to 11:00 leave 18, 21 and 22 hours between Friday 18:00 and Monday 09:00: none of 35.",
			in:   of(acts("I1", "begun alice 2026-11-07 12:00", "ended alice 2026-11-07 13:00"), acts("I2", "begun alice 2026-11-08 10:00", "ended alice 2026-11-08 11:00")),
			want: list("Alice Martin 2026-11: I1 07 12:00 to 07 13:00, I2 08 10:00 to 08 11:00, worked 2:00 (weekend 2:00), weekly rest 22:00 of 02 00:00 to 09 00:00, broken until 08 11:00"),
		},
		{
			name: "Weekly rest that was had after", says: "An intervention on Saturday from 20:00 to 21:00 leaves 36 hours until Monday 09:00.",
			in:   of(acts("I1", "begun alice 2026-11-07 20:00", "ended alice 2026-11-07 21:00")),
			want: list("Alice Martin 2026-11: I1 07 20:00 to 07 21:00, worked 1:00 (weekend 1:00)"),
		},
	}
}
