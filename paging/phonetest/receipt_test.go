package phonetest

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestReceipts(t *testing.T) {
	for _, tt := range []struct {
		name     string
		fault    Fault
		statuses string
		final    string
		code     int
		arrives  bool
	}{
		{"in order", Fault{}, "queued, sent, delivered", "delivered", 0, true},
		{"withheld", Fault{Receipts: Withheld}, "", "delivered", 0, true},
		{"out of order", Fault{Receipts: OutOfOrder}, "queued, delivered, sent", "delivered", 0, true},
		{"twice", Fault{Receipts: Twice}, "queued, queued, sent, sent, delivered, delivered", "delivered", 0, true},
		{"undelivered", Fault{Receipt: "undelivered", ReceiptCode: 30006}, "queued, sent, undelivered 30006", "undelivered", 30006, false},
		{"failed", Fault{Receipt: "failed", ReceiptCode: 30007}, "queued, failed 30007", "failed", 30007, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, d := inBubble(t, Options{Delay: time.Second})
				alice := w.Phone("alice", aliceNumber)
				w.SetFault(tt.fault)
				made, err := sdk(w, w.RoundTripper()).CreateMessage(order(w, aliceNumber, "x"))
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if got := d.statuses(); got != tt.statuses {
					t.Errorf("receipts %q, want %q", got, tt.statuses)
				}
				m, known := w.Message(*made.Sid)
				if !known || m.Status != tt.final || m.ErrorCode != tt.code || m.At.IsZero() == tt.arrives {
					t.Errorf("the message is %s", m)
				}
				if got := len(alice.Messages()) == 1; got != tt.arrives {
					t.Errorf("arrived: %v", got)
				}
				if tt.statuses != "" {
					d.checkSignatures(t)
				}
			})
		})
	}
}

func TestReceiptsTakeTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, d := inBubble(t, Options{Delay: 2 * time.Second})
		alice := w.Phone("alice", aliceNumber)
		if _, err := sdk(w, w.RoundTripper()).CreateMessage(order(w, aliceNumber, "x")); err != nil {
			t.Fatal(err)
		}
		for _, want := range []struct {
			statuses string
			arrived  int
		}{
			{"queued", 0},
			{"queued, sent", 1},
			{"queued, sent, delivered", 1},
		} {
			synctest.Wait()
			if got := d.statuses(); got != want.statuses || len(alice.Messages()) != want.arrived {
				t.Errorf("receipts %q and %d messages, want %+v", got, len(alice.Messages()), want)
			}
			time.Sleep(2 * time.Second)
		}
	})
}

func TestPhoneThatIsOff(t *testing.T) {
	for _, tt := range []struct {
		name     string
		validity int
		onAfter  time.Duration
		want     string
	}{
		{"switched on in time", 0, 50 * time.Minute, "queued, sent, delivered"},
		{"given up after an hour", 0, 2 * time.Hour, "queued, sent, undelivered 30003"},
		{"given up after the ValidityPeriod", 600, 50 * time.Minute, "queued, sent, undelivered 30003"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, d := inBubble(t, Options{})
				alice := w.Phone("alice", aliceNumber)
				alice.SwitchOff()
				params := order(w, aliceNumber, "x")
				if tt.validity > 0 {
					params.SetValidityPeriod(tt.validity)
				}
				if _, err := sdk(w, w.RoundTripper()).CreateMessage(params); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if got := d.statuses(); got != "queued, sent" {
					t.Errorf("receipts %q while off", got)
				}
				alice.ExpectNothing(t)
				time.Sleep(tt.onAfter)
				alice.SwitchOn()
				synctest.Wait()
				if got := d.statuses(); got != tt.want {
					t.Errorf("receipts %q, want %q", got, tt.want)
				}
			})
		})
	}
}

func TestNumberThatNobodyHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, d := inBubble(t, Options{})
		if _, err := sdk(w, w.RoundTripper()).CreateMessage(order(w, aliceNumber, "x")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := d.statuses(); got != "queued, sent, undelivered 30005" {
			t.Errorf("receipts %q", got)
		}
	})
}
