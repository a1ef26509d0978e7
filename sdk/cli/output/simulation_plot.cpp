#include "output/simulation_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>

#include "output/report.h"

namespace weir::cli {
namespace {

constexpr std::size_t kMostDaysWithHours = 3;
constexpr double kWidth = 860;
constexpr double kLeft = 70;
constexpr double kRight = 20;
constexpr double kTop = 48;
constexpr double kPanelHeight = 120;
constexpr double kPanelGap = 34;
// More points than pixels show nothing more.
constexpr std::size_t kMostPoints = 430;

std::string number(double value, int decimals) {
  std::array<char, 40> text = {};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string thousands(double value) {
  if (value >= 1e6) return number(value / 1e6, value < 1e7 ? 1 : 0) + " M";
  if (value >= 1e4) return number(value / 1e3, 0) + " k";
  return number(value, 0);
}

// The least of 1, 2 or 5 times a power of ten that is at least `value`.
double round_up(double value) {
  const double power = std::pow(10, std::floor(std::log10(std::max(value, 1.0))));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * power >= value) return step * power;
  }
  return 10 * power;
}

struct Panel {
  const char* title;
  const char* color;
  double top;
  double most;
  bool logarithmic;
  std::function<double(const SimulatedState&)> value;

  double y(double shown) const {
    const double share =
        logarithmic ? std::log10(std::max(shown, 1.0)) / std::log10(most) : shown / most;
    return top + kPanelHeight * (1 - std::clamp(share, 0.0, 1.0));
  }
};

class Drawing {
 public:
  explicit Drawing(const SimulationPlot& plot)
      : plot_(plot),
        begin_(plot.states.front().time),
        span_(static_cast<double>((plot.states.back().time - begin_).count()) + 60000) {}

  std::string draw() {
    const double height = kTop + 3 * kPanelHeight + 2 * kPanelGap + 34;
    svg_ = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + number(kWidth, 0) + " " +
           number(height, 0) +
           "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n"
           "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
    text(kLeft, 22, escaped(plot_.title) + ": " + summary(), "font-size=\"14\"");
    for (const Panel& panel : panels()) draw_panel(panel);
    draw_days(height);
    return svg_ + "</svg>\n";
  }

 private:
  std::string summary() const {
    double calls = 0;
    double stale = 0;
    for (const SimulatedDay& day : plot_.report.days) {
      calls += static_cast<double>(day.calls);
      stale += day.stale_row_seconds;
    }
    return number(calls, 0) + " calls, " + thousands(stale) + " stale row-seconds";
  }

  std::array<Panel, 3> panels() const {
    const auto price = [](const SimulatedState& state) { return state.price_row_seconds; };
    const auto stale = [](const SimulatedState& state) {
      return static_cast<double>(state.stale_rows);
    };
    const auto calls = [](const SimulatedState& state) {
      return static_cast<double>(state.calls_today);
    };
    const double step = kPanelHeight + kPanelGap;
    const auto budget = static_cast<double>(plot_.calls_per_day);
    return {Panel{"Calls spent today (dashed: even pace)", "#1f6f9f", kTop, budget, false, calls},
            Panel{"Price of a call, stale row-seconds (logarithmic)", "#b5541c", kTop + step,
                  round_up(std::max(most(price), 10.0)), true, price},
            Panel{"Stale rows", "#4a7c2f", kTop + 2 * step, round_up(most(stale)), false, stale}};
  }

  double most(const std::function<double(const SimulatedState&)>& value) const {
    double most = 1;
    for (const SimulatedState& state : plot_.states) {
      if (std::isfinite(value(state))) most = std::max(most, value(state));
    }
    return most;
  }

  double x(TimePoint time) const {
    return kLeft + (kWidth - kLeft - kRight) * static_cast<double>((time - begin_).count()) / span_;
  }

  void text(double at_x, double at_y, const std::string& words, const std::string& style = "") {
    svg_ += "<text x=\"" + number(at_x, 0) + "\" y=\"" + number(at_y, 0) + "\" " + style + ">" +
            words + "</text>\n";
  }

  void line(double x1, double y1, double x2, double y2, const std::string& style) {
    svg_ += "<line x1=\"" + number(x1, 1) + "\" y1=\"" + number(y1, 1) + "\" x2=\"" +
            number(x2, 1) + "\" y2=\"" + number(y2, 1) + "\" " + style + "/>\n";
  }

  void draw_panel(const Panel& panel) {
    const double right = kWidth - kRight;
    text(kLeft, panel.top - 8, panel.title);
    const double least = panel.logarithmic ? 1 : 0;
    for (const double mark :
         {least, panel.logarithmic ? std::sqrt(panel.most) : panel.most / 2, panel.most}) {
      line(kLeft, panel.y(mark), right, panel.y(mark), "stroke=\"#ddd\"");
      text(kLeft - 8, panel.y(mark) + 4, thousands(mark), "text-anchor=\"end\"");
    }
    if (!panel.logarithmic && panel.top == kTop) draw_even_pace(panel);
    svg_ += R"(<polyline fill="none" stroke=")" + std::string(panel.color) +
            R"(" stroke-width="1.3" points=")" + points(panel) + "\"/>\n";
  }

  // A point per few minutes: the mean, since a peak that lasts a minute is not the picture.
  std::string points(const Panel& panel) const {
    const std::size_t step = plot_.states.size() / kMostPoints + 1;
    std::string list;
    for (std::size_t i = 0; i < plot_.states.size(); i += step) {
      const std::size_t end = std::min(plot_.states.size(), i + step);
      double sum = 0;
      for (std::size_t k = i; k < end; ++k) sum += std::min(panel.value(plot_.states[k]), 1e12);
      const double mean = sum / static_cast<double>(end - i);
      list += number(x(plot_.states[i].time), 1) + "," + number(panel.y(mean), 1) + " ";
    }
    return list;
  }

  void draw_even_pace(const Panel& panel) {
    for (std::size_t day = 0; day < begins_of_days().size(); ++day) {
      const double from = begins_of_days()[day];
      const double to =
          day + 1 < begins_of_days().size() ? begins_of_days()[day + 1] : kWidth - kRight;
      line(from, panel.y(0), to, panel.y(panel.most), R"(stroke="#999" stroke-dasharray="4 4")");
    }
  }

  // Where the count of calls starts anew.
  std::vector<double> begins_of_days() const {
    const std::size_t days = std::max<std::size_t>(plot_.report.days.size(), 1);
    std::vector<double> begins;
    for (std::size_t day = 0; day < days; ++day) {
      begins.push_back(kLeft + (kWidth - kLeft - kRight) * static_cast<double>(day) /
                                   static_cast<double>(days));
    }
    return begins;
  }

  void draw_days(double height) {
    const std::vector<double> begins = begins_of_days();
    for (std::size_t day = 0; day < plot_.report.days.size(); ++day) {
      line(begins[day], kTop, begins[day], height - 30, "stroke=\"#bbb\"");
      text(begins[day] + 4, height - 12, escaped(plot_.report.days[day].org_day));
    }
    if (begins.size() <= kMostDaysWithHours) draw_hours(begins, height);
  }

  // Of few days the hours are what one looks for.
  void draw_hours(const std::vector<double>& begins, double height) {
    const double day = (kWidth - kLeft - kRight) / static_cast<double>(begins.size());
    for (const double begin : begins) {
      for (const int hour : {6, 12, 18}) {
        const double at = begin + day * hour / 24;
        line(at, height - 34, at, height - 28, "stroke=\"#888\"");
        text(at, height - 12, (hour < 10 ? "0" : "") + std::to_string(hour) + ":00",
             "text-anchor=\"middle\"");
      }
    }
  }

  const SimulationPlot& plot_;
  const TimePoint begin_;
  const double span_;
  std::string svg_;
};

}  // namespace

std::string as_svg(const SimulationPlot& plot) {
  if (plot.states.empty()) return "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n";
  return Drawing(plot).draw();
}

}  // namespace weir::cli
