//! Functions of one row's values. An argument that is missing makes the answer missing, where nothing else is said.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::value::Value;

/// A function.
pub struct Function {
    name: &'static str,
    /// How many arguments it takes.
    arguments: RangeInclusive<usize>,
    run: fn(&[Value]) -> Value,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Function {
    /// The function of that name, in small letters.
    pub fn named(name: &str) -> Option<&'static Function> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    /// Whether it can be called with so many arguments.
    pub fn takes(&self, count: usize) -> bool {
        self.arguments.contains(&count)
    }

    /// Its answer.
    pub fn call(&self, arguments: &[Value]) -> Value {
        (self.run)(arguments)
    }
}

const fn function(name: &'static str, least: usize, most: usize, run: fn(&[Value]) -> Value) -> Function {
    Function { name, arguments: least..=most, run }
}

const MANY: usize = 64;

static FUNCTIONS: [Function; 36] = [
    // Numbers.
    function("abs", 1, 1, |a| numeric(a, f64::abs)),
    function("ceil", 1, 1, |a| numeric(a, f64::ceil)),
    function("floor", 1, 1, |a| numeric(a, f64::floor)),
    function("log", 1, 1, |a| numeric(a, f64::ln)),
    function("sqrt", 1, 1, |a| numeric(a, f64::sqrt)),
    function("round", 1, 1, |a| numeric(a, f64::round)),
    function("greatest", 1, MANY, |a| extreme(a, Ordering::Greater)),
    function("least", 1, MANY, |a| extreme(a, Ordering::Less)),
    // Times.
    function("frommillis", 1, 1, |a| millis(a).map_or(Value::Missing, Value::Time)),
    function("tomillis", 1, 1, |a| millis(a).map_or(Value::Missing, |millis| Value::Number(millis as f64))),
    // Anything.
    function("ispresent", 1, 1, |a| Value::Bool(a[0] != Value::Missing)),
    function("coalesce", 1, MANY, |a| {
        a.iter().find(|value| **value != Value::Missing).cloned().unwrap_or(Value::Missing)
    }),
    function("if", 3, 3, |a| if a[0].holds() { a[1].clone() } else { a[2].clone() }),
    // Addresses.
    function("isvalidip", 1, 1, |a| of_text(a, |text| Value::Bool(text.parse::<IpAddr>().is_ok()))),
    function("isvalidipv4", 1, 1, |a| {
        of_text(a, |text| Value::Bool(matches!(text.parse(), Ok(IpAddr::V4(_)))))
    }),
    function("isvalidipv6", 1, 1, |a| {
        of_text(a, |text| Value::Bool(matches!(text.parse(), Ok(IpAddr::V6(_)))))
    }),
    function("isipinsubnet", 2, 2, |a| in_subnet(a, |_| true)),
    function("isipv4insubnet", 2, 2, |a| in_subnet(a, |address| address.is_ipv4())),
    function("isipv6insubnet", 2, 2, |a| in_subnet(a, |address| address.is_ipv6())),
    // Texts.
    function("isempty", 1, 1, |a| Value::Bool(a[0].text().is_none_or(|text| text.is_empty()))),
    function("isblank", 1, 1, |a| Value::Bool(a[0].text().is_none_or(|text| text.trim().is_empty()))),
    function("concat", 1, MANY, |a| Value::Text(a.iter().filter_map(Value::text).collect())),
    function("trim", 1, 2, |a| trimmed(a, |text, ends| text.trim_matches(ends))),
    function("ltrim", 1, 2, |a| trimmed(a, |text, ends| text.trim_start_matches(ends))),
    function("rtrim", 1, 2, |a| trimmed(a, |text, ends| text.trim_end_matches(ends))),
    function("strlen", 1, 1, |a| of_text(a, |text| Value::Number(text.chars().count() as f64))),
    function("toupper", 1, 1, |a| of_text(a, |text| Value::Text(text.to_uppercase()))),
    function("tolower", 1, 1, |a| of_text(a, |text| Value::Text(text.to_lowercase()))),
    function("substr", 2, 3, substr),
    function("replace", 3, 3, replace),
    function("strcontains", 2, 2, |a| {
        two_texts(a).map_or(Value::Missing, |(text, part)| Value::Bool(text.contains(&part)))
    }),
    function("startswith", 2, 2, |a| {
        two_texts(a).map_or(Value::Missing, |(text, part)| Value::Bool(text.starts_with(&part)))
    }),
    function("endswith", 2, 2, |a| {
        two_texts(a).map_or(Value::Missing, |(text, part)| Value::Bool(text.ends_with(&part)))
    }),
    // JSON.
    function("jsonparse", 1, 1, |a| {
        of_text(a, |text| match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(_) => Value::Text(text),
            Err(_) => Value::Missing,
        })
    }),
    function("jsonstringify", 1, 1, |a| of_text(a, Value::Text)),
    function("not", 1, 1, |a| Value::Bool(!a[0].holds())),
];

fn numeric(arguments: &[Value], run: fn(f64) -> f64) -> Value {
    number(arguments[0].number().map(run))
}

/// A number that is one.
pub(super) fn number(number: Option<f64>) -> Value {
    match number {
        Some(number) if number.is_finite() => Value::Number(number),
        _ => Value::Missing,
    }
}

fn extreme(arguments: &[Value], wanted: Ordering) -> Value {
    let numbers = arguments.iter().filter_map(Value::number);
    number(numbers.reduce(|one, two| if two.total_cmp(&one) == wanted { two } else { one }))
}

fn millis(arguments: &[Value]) -> Option<i64> {
    arguments[0].number().map(|number| number as i64)
}

fn of_text(arguments: &[Value], run: impl FnOnce(String) -> Value) -> Value {
    arguments[0].text().map_or(Value::Missing, run)
}

fn two_texts(arguments: &[Value]) -> Option<(String, String)> {
    Some((arguments[0].text()?, arguments[1].text()?))
}

fn trimmed(arguments: &[Value], trim: for<'a> fn(&'a str, &[char]) -> &'a str) -> Value {
    let ends = arguments.get(1).and_then(Value::text).unwrap_or_else(|| " \t\r\n".to_owned());
    let ends: Vec<char> = ends.chars().collect();
    of_text(arguments, |text| Value::Text(trim(&text, &ends).to_owned()))
}

fn substr(arguments: &[Value]) -> Value {
    let at =
        |index: usize| arguments.get(index).and_then(Value::number).map(|number| number.max(0.0) as usize);
    let Some(start) = at(1) else { return Value::Missing };
    let length = at(2).unwrap_or(usize::MAX);
    of_text(arguments, |text| Value::Text(text.chars().skip(start).take(length).collect()))
}

fn replace(arguments: &[Value]) -> Value {
    let (Some((text, from)), Some(to)) = (two_texts(arguments), arguments[2].text()) else {
        return Value::Missing;
    };
    Value::Text(if from.is_empty() { text } else { text.replace(&from, &to) })
}

fn in_subnet(arguments: &[Value], kind: fn(&IpAddr) -> bool) -> Value {
    let Some((address, subnet)) = two_texts(arguments) else { return Value::Missing };
    let found = || {
        let address: IpAddr = address.parse().ok().filter(kind)?;
        let (base, length) = subnet.split_once('/')?;
        let (base, length): (IpAddr, u32) = (base.parse().ok()?, length.parse().ok()?);
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32u32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let ((one, width), (two, other)) = (bits(address), bits(base));
        let shift = width.checked_sub(length).filter(|_| width == other)?;
        Some(shift >= 128 || one >> shift == two >> shift)
    };
    Value::Bool(found().unwrap_or(false))
}
