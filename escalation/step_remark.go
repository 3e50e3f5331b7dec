package escalation

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/astreinte/astreinte/internal/ticket"
)

// takes says whether a remark takes the ticket. It does not take an overflow
// ticket: whoever acknowledged one alert in its tool knows nothing of the
// others. Unless it is of a fresh alert, the same remark again takes nothing:
// somebody passed the ticket on since then, or its time ran out, and the tool
// only repeats itself.
func (s *stepper) takes(r *ticket.Remark, fresh bool) bool {
	return r != nil && !s.echo(r) && r.Kind == ticket.RemarkTaken && s.t.Overflow == "" && (fresh || s.t.Progress.Last.Remark != remarkMark(r))
}

// remarked acknowledges the ticket in the name that the tool gives, or writes
// down what the tool says. It resolves nothing. The same remark again, with no
// other between, says nothing new.
func (s *stepper) remarked(r *ticket.Remark, source string, fresh bool) {
	if s.t.State == ticket.Closed || s.echo(r) {
		return
	}
	by, last := r.Actor(source), &s.t.Progress.Last
	mark := remarkMark(r)
	if s.takes(r, fresh) && s.t.State == ticket.Open {
		last.Remark = mark
		_ = s.acknowledge(Acted{Action: ActAcknowledge, Actor: by, Via: "sender", Said: ticket.Plain(r.Text)}) // an open ticket can be taken
		return
	}
	if last.Remark == mark {
		return
	}
	last.Remark = mark
	s.log(ticket.EntryTool, &by, "sender", ticket.Said{Detail: ticket.SaidRemark, Args: ticket.Args{Remark: r.What}, Text: r.Text})
}

// echo says whether a remark is what this installation wrote into the tool itself.
func (s *stepper) echo(r *ticket.Remark) bool {
	_, ours := s.Rules.Mark.Echo(r)
	return ours
}

// remarkMark is a short mark of a remark: other words give another mark.
func remarkMark(r *ticket.Remark) string {
	sum := sha256.Sum256([]byte(string(r.Kind) + "\x00" + r.By + "\x00" + r.What + "\x00" + r.Text))
	return base64.RawStdEncoding.EncodeToString(sum[:9])
}
