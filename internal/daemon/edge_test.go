package daemon

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

func TestAllIsWhatThePhoneHasSeen(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Status: 429, Code: 20429, RetryAfter: 90 * time.Second})
		second := w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.at(6 * time.Second)
		w.world.ClearFaults()
		w.expectCount(w.alice, 1)
		w.alice.Text(t, "TOUT")
		w.at(10 * time.Minute)
		s := w.ticket(second)
		if s.State != "open" {
			t.Errorf("a ticket that alice never saw is %s", s.State)
		}
	})
}

func TestABareWordIsForWhatThePhoneHasSeen(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Status: 429, Code: 20429, RetryAfter: 90 * time.Second})
		first := w.alert("firing", "srv-db-01")
		w.at(6 * time.Second)
		w.world.ClearFaults()
		w.expectCount(w.alice, 0)
		w.alice.Text(t, "ok")
		if s := w.ticket(first); s.State != "open" {
			t.Errorf("a ticket that alice never saw is %s", s.State)
		}
	})
}

func TestTheOtherNumberComesBeforeTheManager(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		second := w.world.Phone("alice2", "+33612345681")
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: "+33612345601", Receipt: "undelivered", ReceiptCode: 30005})
		w.alert("firing", "srv-db-01")
		w.at(2 * time.Minute)
		w.expectCount(second, 1)
		w.expectCount(w.dominique, 0)
		w.at(4 * time.Minute)
		w.expectCount(second, 2)
	}, replaced(`phones: ["+33612345601"]`, `phones: ["+33612345601", "+33612345681"]`))
}

func TestNoThatCrossesAnAcknowledgementWakesNobody(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		if code, a := w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, map[string]string{"person": "bruno"}); code != 200 {
			t.Fatal(string(a))
		}
		w.alice.Text(t, "NON")
		w.at(10 * time.Second)
		w.expectCount(w.dominique, 0)
	})
}

func TestLostAnswersAreNotAStormOfSMS(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Cut: true, Taken: true, Receipts: phonetest.Withheld})
		w.alert("firing", "srv-db-01")
		w.at(3*time.Minute - time.Second)
		w.expectCount(w.alice, 3)
	})
}

func TestAStopWhileAProviderIsSlowSendsOnce(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		first := w.daemon.Load()
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Times: 1, Latency: 8 * time.Second})
		w.alert("firing", "srv-db-01")
		w.at(100 * time.Millisecond)
		stop2 := w.run(exampleConfig(t, w.world))
		defer stop2()
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			_ = first.Stop(ctx)
		}()
		w.at(30 * time.Second)
		synctest.Wait()
		w.expectCount(w.alice, 1)
	})
}

func TestAnAcknowledgementDoesNotEndWhileNobodyListens(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		w.alice.Text(t, "OK")
		w.at(40 * time.Minute)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = w.daemon.Load().Stop(ctx)
		w.at(60 * time.Minute)
		stop := w.run(exampleConfig(t, w.world))
		defer stop()
		w.at(60*time.Minute + 5*time.Second)
		w.expectCount(w.alice, 1)
	})
}

func TestALateOfficePageWaitsForTheOffice(t *testing.T) {
	inTownFrom(t, "2026-11-23 17:50", func(t *testing.T, w *town) {
		w.at(9*time.Minute + 30*time.Second)
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Status: 503})
		w.alert("firing", "srv-db-01", "severity", "warning")
		w.at(5 * time.Hour)
		w.world.ClearFaults()
		w.at(6 * time.Hour)
		w.expectCount(w.alice, 0)
	})
}

func TestTheLastResortDoesNotPileUp(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: "+33612345601", Status: 400, Code: 21610})
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: "+33612345699", Status: 503})
		w.alert("firing", "srv-db-01")
		w.at(31 * time.Minute)
		w.world.ClearFaults()
		w.at(32*time.Minute + 30*time.Second)
		w.expectCount(w.dominique, 1)
	}, replaced(managersStep, ""))
}

func TestANoticeTakesTheChannelThatWorks(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alice.Register("token-1")
		if code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]string{"token": "token-1", "platform": "android"}); code != http.StatusCreated {
			t.Fatalf("%d %s", code, answer)
		}
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: "+33612345601", Status: 400, Code: 21610})
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		w.alice.ExpectPush(t, "srv-db-01")
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, map[string]string{"person": "bruno"})
		w.at(20 * time.Second)
		if n := len(w.alice.Messages()); n != 2 {
			t.Errorf("alice has had %d messages, want the page and the notice", n)
		}
	})
}

func TestNobodyHearsOfWhatTheyNeverGot(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: "+33612345601", Times: 1, Status: 400, Code: 21610})
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, map[string]string{"person": "bruno"})
		w.at(20 * time.Second)
		w.expectCount(w.alice, 0)
	})
}

func TestTheOnlyPageIsTriedOnceMore(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: "+33612345601", Times: 1, Receipt: "undelivered", ReceiptCode: 30003})
		w.alert("firing", "srv-db-01")
		w.at(14 * time.Minute)
		w.expectCount(w.alice, 1)
	}, replaced("repeat: [{every: 3m, for: 1h}, {every: 15m}]", "times: 1"))
}

func TestOldNoticesAreNoNews(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Status: 503})
		w.alert("resolved", "srv-db-01")
		w.at(20 * time.Hour)
		w.world.ClearFaults()
		w.at(21 * time.Hour)
		w.expectCount(w.alice, 1)
	})
}

func TestABareUndoIsForOnesOwn(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		second := w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.at(4 * time.Second)
		w.alice.Text(t, "11 FIN")
		w.at(6 * time.Second)
		w.call(http.MethodPost, "/api/v1/tickets/"+second+"/resolve", apiToken, map[string]string{"person": "bruno"})
		w.at(8 * time.Second)
		w.alice.Text(t, "UNDO")
		w.expectState(second, "resolved")
	})
}

const managersStep = `      - after: 15m                            # since the episode began, while nobody has acknowledged
        page: managers
        by: [push, sms]
        repeat: 3m
`

func TestCodesAreGivenBackWhenATicketCloses(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		released := func(phone string) bool {
			t.Helper()
			codes, err := w.store.Codes(context.Background(), phone)
			if err != nil || len(codes) != 1 || codes[0].Code != 11 {
				t.Fatalf("codes %+v, %v", codes, err)
			}
			return !codes[0].ReleasedAt.IsZero()
		}
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, map[string]string{"person": "bruno"})
		w.alert("firing", "srv-db-02", "instance", "srv-db-02")
		w.at(6 * time.Second)
		w.expectCount(w.bruno, 1)
		w.alice.Text(t, "11 FIN")
		w.at(10 * time.Second)
		w.alice.Text(t, "11 UNDO")
		w.alert("resolved", "srv-db-01")
		w.alert("resolved", "srv-db-02", "instance", "srv-db-02")
		w.at(59 * time.Minute)
		w.expectState(number, "resolved")
		if released(w.alice.Number()) || released(w.bruno.Number()) {
			t.Error("a code was given back while its ticket can still be reopened")
		}
		w.at(61 * time.Minute)
		w.expectState(number, "closed")
		if !released(w.alice.Number()) || !released(w.bruno.Number()) {
			t.Error("a code was not given back")
		}
	}, replaced("    reopen_within: 10m", "    reopen_within: 10m\n    close_after: 1h"))
}

func TestAnUnknownOutcomeIsShown(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Times: 1, Cut: true, Taken: true, Receipts: phonetest.Withheld})
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", apiToken, map[string]string{"person": "bruno"})
		w.at(10 * time.Second)
		if s := w.ticket(number); s.Pages[0].State != "unknown" {
			t.Errorf("%+v", s.Pages[0])
		}
		w.expectCount(w.alice, 2) // the page, which did arrive, and the notice of who took it
	})
}

// TestAFailureThatNobodyTold: a receipt is stored, but its ticket does not
// hear of it, as if the daemon died between the two.
func TestAFailureThatNobodyTold(t *testing.T) {
	for _, op := range []string{"Pages", "Load", "Commit", "Finish"} {
		for name, fault := range map[string]storetest.Fault{"before": storetest.FailBefore, "after": storetest.FailAfter} {
			t.Run(op+" "+name, func(t *testing.T) {
				inTown(t, func(t *testing.T, w *town) {
					w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: "+33612345601", Times: 1, Receipt: "undelivered", ReceiptCode: 30003})
					w.failAfterTheReceipt(w.alert("firing", "srv-db-01"), fault, op)
					w.at(14 * time.Minute)
					w.expectCount(w.alice, 1)
				}, replaced("repeat: [{every: 3m, for: 1h}, {every: 15m}]", "times: 1"))
			})
		}
	}
}

// TestEscalatedThoughNobodyTold is the same for a dead number: the next step
// starts early.
func TestEscalatedThoughNobodyTold(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: "+33612345601", Receipt: "undelivered", ReceiptCode: 30005})
		number := w.alert("firing", "srv-db-01")
		w.failAfterTheReceipt(number, storetest.FailBefore, "Pages")
		w.at(30 * time.Second)
		w.expectCount(w.dominique, 1)
		if p := w.ticket(number).Pages[0]; p.State != "undelivered" || p.Error == "" {
			t.Errorf("%+v", p)
		}
	})
}

// failAfterTheReceipt makes calls of the store fail, from before the receipt
// of a failure is stored until a second after.
func (w *town) failAfterTheReceipt(number string, fault storetest.Fault, op string) {
	w.t.Helper()
	w.until(number, "sent")
	w.store.Fail(storetest.On(fault, op))
	w.until(number, "undelivered")
	w.at(time.Since(w.start) + time.Second)
	w.store.Fail(nil)
}

// until waits until a ticket's first page is in that state.
func (w *town) until(number, state string) {
	w.t.Helper()
	for range 200 {
		if w.ticket(number).Pages[0].State == state {
			return
		}
		w.at(time.Since(w.start) + 10*time.Millisecond)
	}
	w.t.Fatalf("its page is %+v, not %s", w.ticket(number).Pages[0], state)
}
