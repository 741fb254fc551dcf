//! From numbers to places: a scale, and the round numbers that mark it.

/// A stretch of numbers laid over a stretch of the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub least: f64,
    pub most: f64,
    pub from: f64,
    pub to: f64,
}

impl Scale {
    pub fn at(&self, number: f64) -> f64 {
        let range = self.most - self.least;
        if range <= 0.0 {
            return self.from;
        }
        self.from + (number - self.least) / range * (self.to - self.from)
    }
}

/// Round numbers at an even distance around some numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticks {
    pub at: Vec<f64>,
    /// Decimals that tell them apart.
    pub decimals: usize,
}

impl Ticks {
    pub fn least(&self) -> f64 {
        self.at.first().copied().unwrap_or(0.0)
    }

    pub fn most(&self) -> f64 {
        self.at.last().copied().unwrap_or(1.0)
    }
}

/// Steps of 1, 2, 2.5 or 5 times a power of ten that make at most `count`
/// intervals from under `least` to over `most`.
pub fn ticks(least: f64, most: f64, count: usize) -> Ticks {
    let (least, most) =
        if least < most { (least, most) } else { (least, least.abs().max(1.0) + least) };
    let mut exponent = ((most - least) / count.max(1) as f64).log10().floor() as i32 - 1;
    loop {
        for factor in [1.0, 2.0, 2.5, 5.0] {
            let step = factor * 10f64.powi(exponent);
            let (first, last) = ((least / step + 1e-9).floor(), (most / step - 1e-9).ceil());
            if last - first <= count as f64 {
                let at = (0..=(last - first) as usize).map(|index| (first + index as f64) * step);
                let fine = if factor == 2.5 { 1 - exponent } else { -exponent };
                return Ticks { at: at.collect(), decimals: fine.max(0) as usize };
            }
        }
        exponent += 1;
    }
}

/// Ticks for an axis at the side of a plot, and the number that is its top: a
/// last tick far above all numbers would leave the plot half empty.
pub fn axis(least: f64, most: f64, count: usize) -> (Ticks, f64) {
    let mut ticks = ticks(least, most, count);
    let top = ticks.most();
    if let [.., before, last] = ticks.at[..]
        && ticks.at.len() > 3
        && most < last - 0.35 * (last - before)
    {
        ticks.at.pop();
        return (ticks, most.max(before));
    }
    (ticks, top)
}

/// The range of an axis: from zero, unless the numbers lie so far from it and
/// so close to each other that nothing could be seen of their differences.
pub fn range(numbers: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let least = numbers.clone().fold(f64::INFINITY, f64::min);
    let most = numbers.fold(f64::NEG_INFINITY, f64::max);
    if !least.is_finite() {
        return (0.0, 1.0);
    }
    let far = |near: f64, far: f64| near > 0.0 && near > 0.6 * far;
    if far(least, most) || far(-most, -least) {
        (least, most)
    } else {
        (least.min(0.0), most.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(least: f64, most: f64) -> String {
        let ticks = ticks(least, most, 5);
        let written = ticks.at.iter().map(|at| format!("{at:.0$}", ticks.decimals));
        written.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_and_hold_all_numbers_between_them() {
        assert_eq!(told(0.0, 61_000.0), "0 20000 40000 60000 80000");
        assert_eq!(told(0.0, 97.4), "0 20 40 60 80 100");
        assert_eq!(told(0.0, 100.0), "0 20 40 60 80 100");
        assert_eq!(told(-12.0, 30.0), "-20 -10 0 10 20 30");
        assert_eq!(told(0.0, 0.07), "0.00 0.02 0.04 0.06 0.08");
        assert_eq!(told(0.0, 1.2), "0.00 0.25 0.50 0.75 1.00 1.25");
        assert_eq!(told(91.2, 97.4), "90 92 94 96 98");
        assert_eq!(told(5.0, 5.0), "5 6 7 8 9 10");
        assert_eq!(told(0.0, 999_999_999_999_999.0).split(' ').count(), 6);
    }

    #[test]
    fn an_axis_begins_at_zero_unless_differences_would_vanish() {
        assert_eq!(range([40.0, 61.0].into_iter()), (40.0, 61.0));
        assert_eq!(range([20.0, 61.0].into_iter()), (0.0, 61.0));
        assert_eq!(range([-3.0, 61.0].into_iter()), (-3.0, 61.0));
        assert_eq!(range([-97.0, -91.0].into_iter()), (-97.0, -91.0));
        assert_eq!(range(std::iter::empty()), (0.0, 1.0));
    }
}
