#include "baselines.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <tuple>

namespace weir::bench {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr int kBisections = 50;

// One data source over a day: rows go stale as they change, and a call is made when `next_call`
// says so. `next_call` is asked after each change and each call.
class Sweep {
 public:
  explicit Sweep(const Day& day, const SourceDay& source)
      : day_(day), source_(source), waiting_(source.rows), now_(day.begin) {}

  std::int64_t stale() const { return waiting_.count(); }
  double now() const { return now_; }
  double piled_up() const { return piled_up_; }
  double first_stale() const { return first_stale_; }

  // The next change's time; never after the last.
  double next_change() const {
    return next_ < source_.changes.size() ? source_.changes[next_].at : kNever;
  }

  void pass_time(double to) {
    const double more = static_cast<double>(waiting_.count()) * (to - now_);
    outcome_.stale_row_seconds += more;
    piled_up_ += more;
    now_ = to;
  }

  void take_change() {
    pass_time(source_.changes[next_].at);
    const bool was_empty = waiting_.count() == 0;
    waiting_.take(source_.changes[next_++]);
    if (waiting_.count() == 0) piled_up_ = 0;
    if (was_empty) first_stale_ = now_;
  }

  void call(double at) {
    pass_time(at);
    waiting_.send();
    piled_up_ = 0;
    outcome_.calls += 1;
  }

  // Until the day ends.
  Outcome run(const std::function<double(const Sweep&)>& next_call) {
    while (true) {
      const double call_at = next_call(*this);
      const double change_at = next_change();
      if (std::min(call_at, change_at) >= day_.end) break;
      if (change_at < call_at) {
        take_change();
      } else {
        call(std::max(call_at, now_));
      }
    }
    pass_time(day_.end);
    return outcome_;
  }

 private:
  const Day& day_;
  const SourceDay& source_;
  Waiting waiting_;
  double now_;
  std::size_t next_ = 0;
  double piled_up_ = 0;
  double first_stale_ = 0;
  Outcome outcome_;
};

Outcome over_all(const Day& day, const std::function<Outcome(const SourceDay&)>& each) {
  Outcome sum;
  for (const SourceDay& source : day.sources) {
    const Outcome outcome = each(source);
    sum.stale_row_seconds += outcome.stale_row_seconds;
    sum.calls += outcome.calls;
  }
  return sum;
}

std::vector<Sweep> sweeps_of(const Day& day) {
  std::vector<Sweep> sweeps;
  for (const SourceDay& source : day.sources) sweeps.emplace_back(day, source);
  return sweeps;
}

// To the end of the day.
Outcome without_more_calls(std::vector<Sweep>& sweeps) {
  Outcome sum;
  for (Sweep& sweep : sweeps) {
    const Outcome outcome = sweep.run([](const Sweep&) { return kNever; });
    sum.stale_row_seconds += outcome.stale_row_seconds;
    sum.calls += outcome.calls;
  }
  return sum;
}

Outcome with_rule(const Day& day, const std::function<double(const Sweep&)>& next_call) {
  return over_all(day, [&](const SourceDay& source) { return Sweep(day, source).run(next_call); });
}

Outcome at_price(const Day& day, double price) {
  return with_rule(day, [&](const Sweep& sweep) {
    if (sweep.stale() == 0) return kNever;
    const double missing = std::max(0.0, price - sweep.piled_up());
    return sweep.now() + missing / static_cast<double>(sweep.stale());
  });
}

Outcome at_interval(const Day& day, double interval) {
  return with_rule(day, [&](const Sweep& sweep) {
    if (sweep.stale() == 0) return kNever;
    return day.begin + std::ceil((sweep.now() - day.begin) / interval) * interval;
  });
}

Outcome lingering(const Day& day, double linger) {
  return with_rule(day, [&](const Sweep& sweep) {
    return sweep.stale() == 0 ? kNever : sweep.first_stale() + linger;
  });
}

// The least `x` between the two (the more, the fewer calls) at which the calls fit.
Outcome fit(const std::function<Outcome(double)>& at, std::int64_t calls, double least,
            double most) {
  const auto limit = static_cast<double>(calls);
  if (const Outcome free = at(least); free.calls <= limit) return free;
  for (int i = 0; i < kBisections; ++i) {
    const double middle = std::sqrt(least * most);
    (at(middle).calls > limit ? least : most) = middle;
  }
  return at(most);
}

// The cheapest way to serve changes 0 to i, by i, when calls cost `price` each.
struct Cheapest {
  std::vector<double> cost;
  std::vector<std::int64_t> calls;
};

// No row changes twice: the batch of changes j to i-1, sent when the last comes, costs
// (i - j) t_i - (T_i - T_j), with T the sum of the times. So cost(i) is the least of lines in t_i
// with falling slopes, asked for at rising times.
Cheapest cheapest_of_lines(const Day& day, const SourceDay& source, double price) {
  const std::size_t n = source.changes.size();
  Cheapest best{.cost = std::vector<double>(n + 1), .calls = std::vector<std::int64_t>(n + 1)};
  std::vector<double> sum(n + 1);
  for (std::size_t i = 0; i < n; ++i) sum[i + 1] = sum[i] + (source.changes[i].at - day.begin);
  std::vector<std::size_t> lines;
  std::size_t first = 0;
  const auto intercept = [&](std::size_t j) { return best.cost[j] + sum[j]; };
  const auto value = [&](std::size_t j, double t) {
    return intercept(j) - static_cast<double>(j) * t;
  };
  // Where the later line becomes the lower one.
  const auto crossing = [&](std::size_t a, std::size_t b) {
    return (intercept(b) - intercept(a)) / static_cast<double>(b - a);
  };
  for (std::size_t i = 0; i < n; ++i) {
    while (lines.size() >= first + 2 &&
           crossing(lines.back(), i) <= crossing(lines[lines.size() - 2], lines.back()))
      lines.pop_back();
    lines.push_back(i);
    const double t = source.changes[i].at - day.begin;
    while (first + 1 < lines.size() && value(lines[first + 1], t) <= value(lines[first], t))
      ++first;
    const std::size_t j = lines[first];
    best.cost[i + 1] = value(j, t) + static_cast<double>(i + 1) * t - sum[i + 1] + price;
    best.calls[i + 1] = best.calls[j] + 1;
  }
  return best;
}

// Rows may return to what the platform holds: then every pair of calls is tried.
Cheapest cheapest_of_pairs(const SourceDay& source, double price) {
  const std::size_t n = source.changes.size();
  Cheapest best{.cost = std::vector<double>(n + 1, kNever),
                .calls = std::vector<std::int64_t>(n + 1)};
  best.cost[0] = 0;
  Waiting waiting(source.rows);
  for (std::size_t j = 0; j < n; ++j) {
    waiting.send();
    double cost = best.cost[j] + price;
    for (std::size_t i = j; i < n; ++i) {
      if (i > j)
        cost += static_cast<double>(waiting.count()) *
                (source.changes[i].at - source.changes[i - 1].at);
      waiting.take(source.changes[i]);
      if (cost < best.cost[i + 1]) {
        best.cost[i + 1] = cost;
        best.calls[i + 1] = best.calls[j] + 1;
      }
    }
  }
  return best;
}

// What is left after the last call counts until the day ends.
Outcome cheapest_day(const Day& day, const SourceDay& source, double price) {
  const Cheapest best =
      source.rows_return ? cheapest_of_pairs(source, price) : cheapest_of_lines(day, source, price);
  const std::size_t n = source.changes.size();
  std::vector<double> tail(n + 1);
  if (source.rows_return) {
    Waiting waiting(source.rows);
    for (std::size_t j = 0; j < n; ++j) {
      waiting.send();
      for (std::size_t i = j; i < n; ++i) {
        waiting.take(source.changes[i]);
        const double until = i + 1 < n ? source.changes[i + 1].at : day.end;
        tail[j] += static_cast<double>(waiting.count()) * (until - source.changes[i].at);
      }
    }
  } else {
    for (std::size_t j = n; j-- > 0;) tail[j] = tail[j + 1] + day.end - source.changes[j].at;
  }
  Outcome outcome{.stale_row_seconds = kNever};
  double least = kNever;
  for (std::size_t j = 0; j <= n; ++j) {
    if (best.cost[j] + tail[j] >= least) continue;
    least = best.cost[j] + tail[j];
    outcome.calls = static_cast<double>(best.calls[j]);
    outcome.stale_row_seconds = least - price * outcome.calls;
  }
  return outcome;
}

}  // namespace

Outcome equal_interval(const Day& day, std::int64_t calls) {
  const std::vector<double> share(
      day.sources.size(), static_cast<double>(calls) / static_cast<double>(day.sources.size()));
  return even_polls(day, share);
}

Outcome largest_first(const Day& day, std::int64_t calls) {
  std::vector<Sweep> sweeps = sweeps_of(day);
  const double distance = (day.end - day.begin) / static_cast<double>(calls);
  for (std::int64_t i = 1; i <= calls; ++i) {
    const double at = std::min(day.begin + distance * static_cast<double>(i), day.end);
    Sweep* largest = nullptr;
    for (Sweep& sweep : sweeps) {
      while (sweep.next_change() < at) sweep.take_change();
      sweep.pass_time(at);
      if (sweep.stale() > 0 && (!largest || sweep.piled_up() > largest->piled_up()))
        largest = &sweep;
    }
    if (largest) largest->call(at);
  }
  return without_more_calls(sweeps);
}

Outcome immediate(const Day& day, std::int64_t calls) {
  // Changes of all data sources in the order of time, each a call while there are any.
  std::vector<Sweep> sweeps = sweeps_of(day);
  using Next = std::pair<double, std::size_t>;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> queue;
  for (std::size_t i = 0; i < sweeps.size(); ++i) queue.emplace(sweeps[i].next_change(), i);
  for (std::int64_t left = calls; left > 0 && !queue.empty();) {
    const auto [at, i] = queue.top();
    queue.pop();
    if (at >= day.end) break;
    sweeps[i].take_change();
    if (sweeps[i].stale() > 0) {
      sweeps[i].call(at);
      --left;
    }
    queue.emplace(sweeps[i].next_change(), i);
  }
  return without_more_calls(sweeps);
}

Outcome best_interval(const Day& day, std::int64_t calls) {
  return fit([&](double interval) { return at_interval(day, interval); }, calls, 1,
             day.end - day.begin);
}

Outcome best_linger(const Day& day, std::int64_t calls) {
  return fit([&](double linger) { return lingering(day, linger); }, calls, 1e-3,
             day.end - day.begin);
}

Outcome best_price(const Day& day, std::int64_t calls) {
  return fit([&](double price) { return at_price(day, price); }, calls, 1e-3, 1e9);
}

Outcome optimum(const Day& day, std::int64_t calls) {
  return fit(
      [&](double price) {
        return over_all(day,
                        [&](const SourceDay& source) { return cheapest_day(day, source, price); });
      },
      calls, 1e-9, 1e9);
}

double equal_polls_at_any_phase(const Day& day, std::int64_t calls) {
  constexpr int kPhases = 12;
  const double distance =
      (day.end - day.begin) * static_cast<double>(day.sources.size()) / static_cast<double>(calls);
  double stale = 0;
  for (int i = 0; i < kPhases; ++i) {
    const double first = day.begin + distance * (i + 0.5) / kPhases;
    const Outcome outcome = over_all(day, [&](const SourceDay& source) {
      return Sweep(day, source).run([&](const Sweep& sweep) {
        if (sweep.stale() == 0) return kNever;
        return first + std::max(0.0, std::ceil((sweep.now() - first) / distance)) * distance;
      });
    });
    stale += outcome.stale_row_seconds / kPhases;
  }
  return stale;
}

Outcome even_polls(const Day& day, const std::vector<double>& calls_by_source) {
  Outcome sum;
  for (std::size_t i = 0; i < day.sources.size(); ++i) {
    const double distance = (day.end - day.begin) / calls_by_source[i];
    const Outcome outcome = Sweep(day, day.sources[i]).run([&](const Sweep& sweep) {
      // Looks that find nothing change nothing: they need not be carried out.
      if (sweep.stale() == 0) return kNever;
      return day.begin + std::ceil((sweep.now() - day.begin) / distance) * distance;
    });
    sum.stale_row_seconds += outcome.stale_row_seconds;
    sum.calls += calls_by_source[i];
  }
  return sum;
}

Outcome rate_polls(const Day& day, std::int64_t calls) {
  std::vector<double> share;
  double sum = 0;
  for (const SourceDay& source : day.sources) {
    share.push_back(std::sqrt(static_cast<double>(source.changes.size())));
    sum += share.back();
  }
  for (double& part : share) part *= static_cast<double>(calls) / sum;
  return even_polls(day, share);
}

}  // namespace weir::bench
