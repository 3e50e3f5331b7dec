package demo

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestClockRunsFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
		c := NewClock(start, 60)
		fires, _ := c.NewTimer(time.Hour)
		time.Sleep(30 * time.Second)
		if got := c.Now().Sub(start); got != 30*time.Minute {
			t.Errorf("after 30 s the clock has moved %s", got)
		}
		c.SetSpeed(600)
		time.Sleep(3*time.Second - time.Millisecond)
		select {
		case <-fires:
			t.Error("the timer fired early")
		default:
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		select {
		case at := <-fires:
			if got := at.Sub(start); got != time.Hour {
				t.Errorf("the timer fired at %s", got)
			}
		default:
			t.Error("the timer did not fire")
		}
		c.SetSpeed(1e9)
		if c.Speed() != Fastest {
			t.Errorf("speed %v", c.Speed())
		}
		_, stop := c.NewTimer(time.Hour)
		stop()
	})
}

// README says who is on call in the demo, whatever the day and the hour.
func TestAliceIsOnCallAtAnyHour(t *testing.T) {
	d := startDemo(t, 1)
	people := d.daemon.Engine().Rules().Directory
	start := time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)
	for at := start; at.Before(start.AddDate(1, 0, 0)); at = at.Add(3 * time.Hour) {
		if on, _ := people.On("on-call", at); len(on) != 1 || on[0].Key != "alice" {
			t.Fatalf("at %s these are on call: %v", at, on)
		}
	}
}

func TestButtonsRefuseOtherSites(t *testing.T) {
	d := startDemo(t, 1)
	form := url.Values{"speed": {"10"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.URL()+"/demo/speed", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://elsewhere.example")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusForbidden || d.clock.Speed() != 1 {
		t.Errorf("status %d, speed %v", resp.StatusCode, d.clock.Speed())
	}
}
