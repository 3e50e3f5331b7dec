package icalendar

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// change is an instant from which on a zone has another offset.
type change struct {
	at     int64 // seconds of Unix
	offset int   // seconds east of UTC
	summer bool
}

// firstOnset is the first year in which a zone's clock may change: Outlook's do so from
// 1601 on.
const firstOnset = 1600

// The most that a zone may have, which its own calendar describes.
const (
	mostObservances = ticket.MaxZoneRules
	mostChanges     = ticket.MaxZoneRuleChanges // of one observance
	mostOfZone      = ticket.MaxZoneChanges     // … of all
)

// custom is a zone as a VTIMEZONE describes it; nil if it describes none.
func custom(ctx context.Context, zone *component, until time.Time) *time.Location {
	if len(zone.children) == 0 || len(zone.children) > mostObservances {
		return nil
	}
	var changes []change
	before := change{offset: 1 << 30}
	first := int64(1 << 62)
	for _, o := range zone.children {
		from, ok1 := offset(o.text("TZOFFSETFROM"))
		to, ok2 := offset(o.text("TZOFFSETTO"))
		onsets, ok3 := onsets(ctx, o, from, until)
		if !ok1 || !ok2 || !ok3 {
			return nil
		}
		if len(changes)+len(onsets) > mostOfZone {
			return nil
		}
		for _, at := range onsets {
			changes = append(changes, change{at, to, o.name == "DAYLIGHT"})
			if at < first {
				first, before.offset = at, from
			}
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	changes = slices.CompactFunc(changes, func(a, b change) bool { return a.at == b.at })
	if len(changes) == 0 {
		return nil
	}
	in, err := time.LoadLocationFromTZData(zone.text("TZID"), tzData(before, changes))
	if err != nil {
		return nil
	}
	return in
}

// onsets are when an observance begins, and begins again.
func onsets(ctx context.Context, o *component, from int, until time.Time) (list []int64, ok bool) {
	start, err := time.Parse(wallForm, strings.TrimSuffix(strings.TrimSpace(o.text("DTSTART")), "Z"))
	if err != nil || start.Year() < firstOnset || start.Year() > lastYear {
		return nil, false
	}
	walls := []time.Time{start}
	for _, l := range o.lines {
		switch l.name {
		case "RRULE":
			// The walls are kept as if they were of UTC, and so is the end of the rule.
			rule, err := newRule(l.value, when{at: start}, until, time.Duration(from)*time.Second)
			if err != nil {
				return nil, false
			}
			more, err := rule.until(ctx, until, mostChanges, nil)
			if err != nil {
				return nil, false
			}
			walls = append(walls, more...)
		case "RDATE":
			for value := range strings.SplitSeq(l.value, ",") {
				at, err := time.Parse(wallForm, strings.TrimSuffix(value, "Z"))
				if err != nil || len(walls) > mostChanges {
					return nil, false
				}
				walls = append(walls, at)
			}
		}
	}
	for _, wall := range walls {
		list = append(list, wall.Unix()-int64(from))
	}
	return list, true
}

// offset reads a UTC offset as "+0100" or "-053000", in seconds.
func offset(text string) (seconds int, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) != 5 && len(text) != 7 || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	for i, unit := range []int{3600, 60, 1} {
		if 1+2*i >= len(text) {
			break
		}
		n, err := strconv.ParseUint(text[1+2*i:3+2*i], 10, 8)
		if err != nil || n > 59 || i == 0 && n > 26 {
			return 0, false
		}
		seconds += int(n) * unit
	}
	if text[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// tzData writes the changes of a zone as a file of the time zone database (RFC 8536),
// version 2 with an empty first part.
func tzData(before change, changes []change) []byte {
	type kind struct {
		offset int
		summer bool
	}
	kinds := []kind{{before.offset, false}}
	places := make([]byte, len(changes))
	for i, c := range changes {
		k := kind{c.offset, c.summer}
		at := slices.Index(kinds, k)
		if at < 0 {
			at, kinds = len(kinds), append(kinds, k)
		}
		places[i] = byte(at) //nolint:gosec // there are fewer kinds than observances
	}
	header := func(out []byte, counts ...uint32) []byte {
		out = append(append(out, "TZif2"...), make([]byte, 15)...)
		for _, n := range counts { // isut, isstd, leap, time, type, char
			out = binary.BigEndian.AppendUint32(out, n)
		}
		return out
	}
	out := header(nil, 0, 0, 0, 0, 0, 0)
	out = header(out, 0, 0, 0, uint32(len(changes)), uint32(len(kinds)), 1) //nolint:gosec // custom bounds them
	for _, c := range changes {
		out = binary.BigEndian.AppendUint64(out, uint64(c.at)) //nolint:gosec // two's complement is what the format says
	}
	out = append(out, places...)
	for _, k := range kinds {
		out = binary.BigEndian.AppendUint32(out, uint32(k.offset)) //nolint:gosec // likewise
		summer := byte(0)
		if k.summer {
			summer = 1
		}
		out = append(out, summer, 0)
	}
	return append(out, 0)
}
